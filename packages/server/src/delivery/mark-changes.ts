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
  const dataflows = await readActivatedDataflows(trx, now);
  const byProfile = new Map(profileChanges.map((change) => [change.profileId, change]));
  const wanted: ExportKey[] = [];
  const exited: (ExportKey & { writesExit: boolean })[] = [];
  for (const dataflow of dataflows) {
    const { paths, namespaces } = whatMatters(dataflow);
    // A profile is in few segments, but a thousand may be activated.
    const activated = new Set(dataflow.segmentIds);
    for (const { profileId, before, after } of memberships) {
      const was = countIn(before, activated);
      const is = countIn(after, activated);
      const key: ExportKey = { dataflowId: dataflow.dataflowId, profileId };
      if (is > 0) {
        const change = byProfile.get(profileId);
        const isOther = dataflow.tellsMemberships && !areEqualIn(before, after, activated);
        if (was === 0 || isOther || (change !== undefined && isNews(change, paths, namespaces.size > 0)))
          wanted.push(key);
      } else if (was > 0) exited.push({ ...key, writesExit: dataflow.tellsMemberships });
    }
  }
  await markWanted(trx, wanted, now);
  await markExited(trx, exited, now);
}

function countIn(few: ReadonlySet<string>, many: ReadonlySet<string>): number {
  let count = 0;
  for (const one of few) if (many.has(one)) count++;
  return count;
}

function areEqualIn(a: ReadonlySet<string>, b: ReadonlySet<string>, among: ReadonlySet<string>): boolean {
  for (const one of a) if (among.has(one) && !b.has(one)) return false;
  return countIn(a, among) === countIn(b, among);
}

/** Whether a change alters anything that the destination is given. */
const isNews = (change: ProfileChange, paths: readonly XdmPath[], readsIdentities: boolean): boolean =>
  isRegrouped(change) ||
  (readsIdentities && change.hasOtherIdentities === true) ||
  attributesDiffer(change.before, change.after, paths);

/** Whether a dataflow sends a segment, so that changes of its memberships are to be marked. */
export const isSent = async (trx: Trx, segmentId: string, now: Date): Promise<boolean> =>
  (await readActivatedDataflows(trx, now)).some(({ segmentIds }) => segmentIds.includes(segmentId));

/** Its destinations may hold what is another's. */
const isRegrouped = ({ kind }: ProfileChange): boolean => kind === 'merged' || kind === 'split';

function whatMatters(dataflow: DeliveryDataflow): {
  readonly paths: readonly XdmPath[];
  readonly namespaces: ReadonlySet<string>;
} {
  const { paths, namespaces } = compileMapping(dataflow.mapping);
  return { paths: [...paths, ...consentPaths(consentChannelOf(dataflow.details))], namespaces };
}
