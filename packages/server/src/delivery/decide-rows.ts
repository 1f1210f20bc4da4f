import { type Trx, together } from '../store/database.ts';
import type { DueRow } from '../store/delivery-claims.ts';
import type { DeliveryDataflow } from '../store/delivery-dataflows.ts';
import type { Settlement } from '../store/delivery-settlements.ts';
import { parentIdOf } from '../store/export-parents.ts';
import { claimMatchKeys } from '../store/match-claims.ts';
import { admitRow, type ClaimedRow, excluded, recoverRow, type Sendable } from './admit-row.ts';
import { asActivated, type DeliveryRules, decideDelivery } from './decide-delivery.ts';
import { takeOverKeys, withOwnRecords } from './keys-and-records.ts';
import { parentAsRecord, withParents } from './parent-records.ts';
import { type DueProfiles, readDueProfiles } from './read-due-profiles.ts';
import { hashOf } from './wanted-record.ts';

export type DecideOptions = {
  readonly dataflow: Pick<DeliveryDataflow, 'dataflowId' | 'accountId'>;
  readonly rules: DeliveryRules;
  readonly now: Date;
};

/** What becomes of due rows: those to be sent, as what, and those that are settled without a request. */
export async function decideRows(
  trx: Trx,
  { rules, dataflow, now }: DecideOptions,
  due: readonly DueRow[],
): Promise<{ readonly sending: readonly ClaimedRow[]; readonly settlements: readonly Settlement[] }> {
  const profiles = await readDueProfiles(trx, rules, due);
  const sending: ClaimedRow[] = [];
  const settlements: Settlement[] = [];
  const sendable: Sendable[] = [];
  for (const row of due) {
    const wanted = decide(rules, row, profiles);
    if (row.inFlight !== null) sending.push(recoverRow(row, 'row' in wanted ? wanted : undefined));
    else if ('row' in wanted) sendable.push(wanted);
    else settlements.push(wanted);
  }
  const families = await withParents(trx, dataflow.dataflowId, sendable, now);
  settlements.push(...families.settlements);
  for (const [object, ofObject] of Map.groupBy(families.ready, ({ record }) => record.object)) {
    const scope = { accountId: dataflow.accountId, dataflowId: dataflow.dataflowId, object };
    const wanted = ofObject.map(({ row, record }) => ({
      matchKey: record.matchKey,
      profileId: row.profileId,
    }));
    const readClaims = () =>
      together(claimMatchKeys(trx, scope, wanted, now), withOwnRecords(trx, scope, ofObject));
    const asFound = await readClaims();
    const isTakenOver = await takeOverKeys(trx, scope, wanted, asFound[0], now);
    const [claims, candidates] = isTakenOver ? await readClaims() : asFound;
    const taken = new Set<string>();
    for (const candidate of candidates) {
      const outcome = admitRow(candidate, claims.get(candidate.record.matchKey), taken, now);
      if ('settlement' in outcome) settlements.push(outcome.settlement);
      else {
        sending.push(outcome.sending);
        if (outcome.sending.recordId !== null) taken.add(outcome.sending.recordId);
      }
    }
  }
  return { sending, settlements };
}

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
