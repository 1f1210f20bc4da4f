import {
  attributesDiffer,
  type ConsentChannel,
  compileMapping,
  consentChannels,
  consentPaths,
  type MembershipChange,
  type ProfileChange,
  type XdmPath,
} from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { type DeliveryDataflow, readActivatedDataflows } from '../store/delivery-dataflows.ts';
import { type ExportKey, markExited, markWanted } from '../store/export-marks.ts';

/** The marketing channel whose consent a dataflow obeys; e-mail unless its details say otherwise. */
export function consentChannelOf(details: Readonly<Record<string, string>>): ConsentChannel {
  return consentChannels.find((channel) => channel === details.consent_channel) ?? 'email';
}

/**
 * Marks due what a change of profiles or memberships means for each dataflow, in the transaction of the change.
 * A change that alters no mapped attribute, no consent and no membership marks nothing.
 */
export async function markChanges(
  trx: Trx,
  memberships: readonly MembershipChange[],
  profileChanges: readonly ProfileChange[],
  now: Date,
): Promise<void> {
  if (memberships.length === 0) return;
  const dataflows = await readActivatedDataflows(trx);
  const byProfile = new Map(profileChanges.map((change) => [change.profileId, change]));
  const wanted: ExportKey[] = [];
  const exited: ExportKey[] = [];
  for (const dataflow of dataflows) {
    const paths = pathsThatMatter(dataflow);
    // A profile is in few segments, but a thousand may be activated.
    const activated = new Set(dataflow.segmentIds);
    for (const { profileId, before, after } of memberships) {
      const was = overlap(before, activated);
      const is = overlap(after, activated);
      const key: ExportKey = { dataflowId: dataflow.dataflowId, profileId };
      if (is) {
        const change = byProfile.get(profileId);
        if (
          !was ||
          (change !== undefined &&
            (isRegrouped(change) || attributesDiffer(change.before, change.after, paths)))
        )
          wanted.push(key);
      } else if (was) exited.push(key);
    }
  }
  await markWanted(trx, wanted, now);
  await markExited(trx, exited, now);
}

function overlap(few: ReadonlySet<string>, many: ReadonlySet<string>): boolean {
  for (const one of few) if (many.has(one)) return true;
  return false;
}

/** Whether a dataflow sends a segment, so that changes of its memberships are to be marked. */
export const isSent = async (trx: Trx, segmentId: string): Promise<boolean> =>
  (await readActivatedDataflows(trx)).some(({ segmentIds }) => segmentIds.includes(segmentId));

/** Its destinations may hold what is another's. */
const isRegrouped = ({ kind }: ProfileChange): boolean => kind === 'merged' || kind === 'split';

function pathsThatMatter(dataflow: DeliveryDataflow): readonly XdmPath[] {
  return [...compileMapping(dataflow.mapping).paths, ...consentPaths(consentChannelOf(dataflow.details))];
}
