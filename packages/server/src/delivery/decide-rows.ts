import { type Trx, together } from '../store/database.ts';
import type { DueRow } from '../store/delivery-claims.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import { parentIdOf } from '../store/export-parents.ts';
import { findLeftInFlight } from '../store/left-records.ts';
import { claimMatchKeys } from '../store/match-claims.ts';
import { admitRow, type ClaimedRow, excluded, recoverRow, type Sendable } from './admit-row.ts';
import { asActivated, type DeliveryRules, decideDelivery } from './decide-delivery.ts';
import { takeOverKeys, underOwnKeys, withOwnRecords } from './keys-and-records.ts';
import { decideLeft, markLeftBehind } from './left-behind.ts';
import { parentAsRecord, withParents } from './parent-records.ts';
import { type DueProfiles, readDueProfiles } from './read-due-profiles.ts';
import { endToldBefore } from './told-before.ts';
import { hashOf } from './wanted-record.ts';

export type DecideOptions = {
  readonly dataflow: Pick<DeliveryDataflow, 'dataflowId' | 'accountId'>;
  readonly rules: DeliveryRules;
  readonly now: Date;
};

/** What becomes of due rows: those to be sent, as what, and those that are settled without a request. */
export async function decideRows(
  trx: Trx,
  options: DecideOptions,
  due: readonly DueRow[],
): Promise<{ readonly sending: readonly ClaimedRow[]; readonly settlements: readonly Settlement[] }> {
  const { rules, dataflow, now } = options;
  const profiles = await readDueProfiles(trx, rules, due);
  const left = await decideLeft(
    trx,
    options,
    due.filter(({ isLeft }) => isLeft),
    profiles,
  );
  const sending = [...left.sending];
  const settlements = [...left.settlements];
  const sendable: Sendable[] = [];
  const leaving: { row: DueRow; goesTo?: string | null }[] = [];
  for (const row of due) {
    if (row.isLeft) continue;
    const wanted = decide(rules, row, profiles);
    if (row.inFlight !== null) sending.push(recoverRow(row, 'row' in wanted ? wanted : undefined));
    else if ('row' in wanted) sendable.push(wanted);
    else {
      settlements.push(wanted);
      if (profiles.survivorOf(row.profileId) !== undefined) leaving.push({ row });
    }
  }
  const families = await withParents(trx, dataflow.dataflowId, sendable, now);
  settlements.push(...families.settlements);
  for (const [object, ofObject] of Map.groupBy(families.ready, ({ record }) => record.object)) {
    const scope = { accountId: dataflow.accountId, dataflowId: dataflow.dataflowId, object };
    const { recordIdsFollowKeys } = rules;
    const candidates = rules.tellsMemberships ? await underOwnKeys(trx, scope, ofObject) : ofObject;
    const wanted = candidates.map(({ row, record }) => ({
      matchKey: record.matchKey,
      profileId: row.profileId,
    }));
    const readClaims = () =>
      together(
        claimMatchKeys(trx, scope, wanted, now),
        withOwnRecords(trx, scope, candidates),
        rules.tellsMemberships ? findLeftInFlight(trx, dataflow.dataflowId, object) : noRecords,
      );
    const asFound = await readClaims();
    const isTakenOver = await takeOverKeys(trx, { ...scope, recordIdsFollowKeys }, wanted, asFound[0], now);
    const [claims, owning, beingLeft] = isTakenOver ? await readClaims() : asFound;
    const going = rules.tellsMemberships ? await endToldBefore(trx, options, object, owning, claims) : owning;
    const inUse = { taken: new Set<string>(), leaving: beingLeft };
    for (const [index, candidate] of going.entries()) {
      const row = candidates[index]?.row ?? candidate.row;
      const outcome = admitRow(candidate, claims.get(candidate.record.matchKey), inUse, now);
      if ('settlement' in outcome) {
        settlements.push(outcome.settlement);
        if (candidate.row.recordId === null) leaving.push({ row });
      } else {
        const { recordId } = outcome.sending;
        sending.push(outcome.sending);
        if (recordId !== null) inUse.taken.add(recordId);
        leaving.push({ row, goesTo: recordId });
      }
    }
  }
  await markLeftBehind(trx, options, leaving, profiles);
  return { sending, settlements };
}

const noRecords: ReadonlySet<string> = new Set();

function decide(rules: DeliveryRules, row: DueRow, profiles: DueProfiles): Sendable | Settlement {
  if (row.sourceProfileId !== null) return decideParent(rules, row, row.sourceProfileId, profiles);
  const decision = decideDelivery(rules, row, profiles.of(row.profileId), profiles.goneBy(row.profileId));
  if (decision.kind === 'exclude')
    return excluded(row, decision.reason, decision.message, decision.isMember, null);
  const { record, hash, settleAs } = decision;
  return { row, record, hash, settleAs, parentId: null };
}

/** A record that profiles belong to is written as the profile says that changed last, as long as that one does. */
function decideParent(
  rules: DeliveryRules,
  row: DueRow,
  sourceProfileId: string,
  profiles: DueProfiles,
): Sendable | Settlement {
  const source = { ...row, member: true, sent: null };
  const decision = decideDelivery(rules, source, profiles.of(sourceProfileId));
  const parent = decision.kind === 'send' ? decision.record.parent : null;
  if (parent === null || parentIdOf(parent) !== row.profileId)
    return excluded(row, 'profile_ended', 'No profile says any more what it holds.', false, null);
  const record = parentAsRecord(parent);
  return { row, record, hash: hashOf(record), settleAs: asActivated, parentId: null };
}
