import { type DeliveryBatch, type DeliveryOutcome, HeadraceError } from '@headrace/core';
import { passCrashPoint } from '../../../lifecycle/crash-points.ts';
import type { Call } from '../composite.ts';
import { findConnectionError, isGone } from '../records/record-error.ts';
import { failedBy } from '../records/record-outcomes.ts';
import type { SendResult } from '../send-collections.ts';
import type { CampaignTurns } from './campaign-turns.ts';
import { type MemberChange, sendMembers, toChange, type WantedPlace } from './member-change.ts';
import { failureOf, findPeoplePresent } from './member-failure.ts';
import { placeKey, readMembers } from './read-members.ts';

/** Once, and twice more for what others changed in between. */
const maxRounds = 3;

/**
 * Puts the items that were delivered on their Campaigns, or takes them off: for 1,000 people one call to read who is
 * a member and one to write; new records are members of nothing and need no reading.
 * @returns the outcomes with what failed of it. Such an item names its record, which was written, and whether it was made.
 * @throws HeadraceError where nothing of the whole batch was written
 */
export async function deliverMemberships(
  batch: DeliveryBatch,
  outcomes: readonly DeliveryOutcome[],
  turns: CampaignTurns,
  call: Call,
): Promise<DeliveryOutcome[]> {
  const wanted = outcomes.flatMap((outcome, index) => wantedOf(batch, outcome, index));
  if (wanted.length === 0) return [...outcomes];
  await passCrashPoint('records written');
  const failures = await turns.run(
    wanted.map(({ campaignId }) => campaignId),
    () => writePlaces(wanted, wasWritten(batch, outcomes), call),
  );
  for (const [{ campaignId }, failure] of failures)
    if (failure.kind === 'failed' && failure.contention === true) turns.collided(campaignId);
  const byItem = Map.groupBy([...failures], ([{ index }]) => index);
  return outcomes.map((outcome, index) => {
    const failure = mostOpen((byItem.get(index) ?? []).map(([, failed]) => failed));
    if (failure === undefined || outcome.kind !== 'activated') return outcome;
    const { recordId, created } = outcome;
    return failure.kind === 'failed' ? { ...failure, recordId, created } : failure;
  });
}

/** Of several failures of one item the one that leaves most to be done. */
const mostOpen = (failures: readonly DeliveryOutcome[]): DeliveryOutcome | undefined =>
  failures.find((failure) => failure.kind === 'record_gone') ??
  failures.find((failure) => failure.kind === 'failed' && failure.unknown === true) ??
  failures.find((failure) => failure.kind === 'failed' && failure.retryable) ??
  failures[0];

function wantedOf({ items }: DeliveryBatch, outcome: DeliveryOutcome, index: number): WantedPlace[] {
  if (outcome.kind !== 'activated') return [];
  const { recordId: personId, created: isNew } = outcome;
  const item = items[index];
  const isKnownToBe = isNew || item === undefined || hasFields(item);
  return (item?.lists ?? []).map(({ listId: campaignId, status }) => ({
    index,
    campaignId,
    personId,
    status,
    isNew,
    isKnownToBe,
  }));
}

const hasFields = ({ recordId, fields }: DeliveryBatch['items'][number]): boolean =>
  recordId === null || Object.keys(fields).length > 0;
const wasWritten = ({ items }: DeliveryBatch, outcomes: readonly DeliveryOutcome[]): boolean =>
  items.some((item, index) => outcomes[index]?.kind === 'activated' && hasFields(item));

/** @returns what failed, by place */
async function writePlaces(
  wanted: readonly WantedPlace[],
  isPartWritten: boolean,
  call: Call,
): Promise<Map<WantedPlace, DeliveryOutcome>> {
  const failures = new Map<WantedPlace, DeliveryOutcome>();
  let left = wanted;
  let isUntouched = !isPartWritten;
  for (let round = 1; left.length > 0; round++) {
    try {
      const existing = await readMembers(
        left.filter(({ isNew }) => round > 1 || !isNew),
        call,
      );
      const changes = left.flatMap((place) => toChange(place, existing.get(placeKey(place))) ?? []);
      const results = changes.length === 0 ? [] : await sendMembers(changes, call);
      if (isUntouched) throwIfSame(results);
      isUntouched &&= !results.some(({ kind }) => kind !== 'refused');
      const present = await findPeoplePresent(changes, results, call);
      left = changes.flatMap((change, at) => {
        const result = results[at] ?? { kind: 'missing' };
        if (round < maxRounds && isChangedMeanwhile(change, result)) return [change.place];
        const failure = failureOf(change, result, present);
        if (failure !== undefined) failures.set(change.place, failure);
        return [];
      });
    } catch (error) {
      if (!(error instanceof HeadraceError) || isUntouched) throw error;
      for (const place of left) failures.set(place, failedBy(error));
      break;
    }
  }
  return failures;
}

/** One right or set-up that all of them lack is one error, not many. */
function throwIfSame(results: readonly SendResult[]): void {
  const refused = results.flatMap((result) => (result.kind === 'refused' ? [result.errors] : []));
  const shared = refused.length === results.length ? findConnectionError(refused) : undefined;
  if (shared !== undefined) throw shared;
}

/** Somebody put the person on it ("Already a campaign member"), or took them off, since it was read. */
function isChangedMeanwhile({ way }: MemberChange, result: SendResult): boolean {
  if (result.kind !== 'refused') return false;
  return way === 'insert'
    ? result.errors.some(({ statusCode }) => statusCode === 'DUPLICATE_VALUE')
    : isGone(result.errors);
}
