/** One guard taken out of the code, and the tests that must notice. */
export type Mutant = {
  readonly name: string;
  /** Of the promise that the guard keeps. */
  readonly promise: number;
  readonly file: string;
  /** Stands in the file once. */
  readonly code: string;
  readonly without: string;
  readonly tests: readonly string[];
};

const delivery = 'packages/server/src/delivery';
const store = 'packages/server/src/store';
const worker = `${delivery}/delivery-worker.pg.test.ts`;
const people = `${delivery}/exported-people.pg.test.ts`;
const members = `${delivery}/memberships-and-parents.pg.test.ts`;
const destinations = 'packages/server/src/destinations';
const crm = `${destinations}/salesforce-crm`;
const contract = `${destinations}/contract.http.test.ts`;
const guards = `${delivery}/guards.pg.test.ts`;
const ledger = `${delivery}/call-budget.pg.test.ts`;

export const mutants: readonly Mutant[] = [
  {
    name: 'sequence comparison dropped: a change during the write counts as sent',
    promise: 4,
    file: `${store}/delivery-settlements.ts`,
    code: `status = case when a.retry_at is not null or e.wanted_seq > a.seq then 'pending' else a.status end,
       due_at = case when e.wanted_seq > a.seq then $15 else a.retry_at end,
       pending_since = case when a.retry_at is not null or e.wanted_seq > a.seq then e.pending_since end`,
    without: `status = case when a.retry_at is not null then 'pending' else a.status end,
       due_at = a.retry_at,
       pending_since = case when a.retry_at is not null then e.pending_since end`,
    tests: [worker],
  },
  {
    name: 'batch comparison dropped: a stalled worker settles what another sent since',
    promise: 4,
    file: `${store}/delivery-settlements.ts`,
    code: 'and e.in_flight is not distinct from a.in_flight and e.pending_since is not null',
    without: 'and e.pending_since is not null',
    tests: [guards],
  },
  {
    name: 'lease check dropped: rows are claimed in buckets of another worker',
    promise: 4,
    file: `${delivery}/claim-batches.ts`,
    code: 'if (!isHeldWhole(held, range)) return undefined;',
    without: 'isHeldWhole(held, range);',
    tests: [guards],
  },
  {
    name: 'deadline of the lease dropped: a request may outlast it',
    promise: 4,
    file: `${store}/bucket-leases.ts`,
    code: 'where owner = $1 and expires_at > now() + make_interval(secs => $2::double precision / 1000)',
    without: 'where owner = $1 and $2::double precision > 0',
    tests: [guards],
  },
  {
    name: 're-read dropped: a write of unknown outcome is written again at once',
    promise: 3,
    file: `${delivery}/decide-rows.ts`,
    code: 'if (row.inFlight !== null) sending.push',
    without: "if (row.inFlight === 'never') sending.push",
    tests: [worker],
  },
  {
    name: 'quarantine dropped: a row in flight is due at once',
    promise: 3,
    file: `${delivery}/dataflow-lane.ts`,
    code: 'lookAgainAt: new Date(deadlineAt + connection.lostCallMs),',
    without: 'lookAgainAt: at,',
    tests: [worker, members],
  },
  {
    name: 'match claim dropped: two profiles write one record',
    promise: 3,
    file: `${delivery}/admit-row.ts`,
    code: 'if (claim === undefined || claim.profileId !== row.profileId) {',
    without: 'if (claim === undefined) {',
    tests: [worker, people],
  },
  {
    name: 'busy keys not waited for: two dataflows create under one key',
    promise: 3,
    file: `${delivery}/admit-row.ts`,
    code: 'if (recordId === null && claim.isBusy) return',
    without: 'if (recordId === null && claim.isBusy && matchKey === null) return',
    tests: [guards],
  },
  {
    name: 'what was sent before is remembered during a write',
    promise: 4,
    file: `${store}/delivery-claims.ts`,
    code: 'parent_id = s.parent_id, due_at = $6, sent_hash = null',
    without: 'parent_id = s.parent_id, due_at = $6',
    tests: [worker, people],
  },
  {
    name: 'held record taken: two profiles are kept in one record',
    promise: 3,
    file: `${delivery}/settle-batch.ts`,
    code: 'if (holder === undefined || holder === settlement.profileId) return settlement;',
    without: 'if (holder !== null) return settlement;',
    tests: [worker, people],
  },
  {
    name: 'changes since the claim are sent along',
    promise: 8,
    file: `${delivery}/dataflow-lane.ts`,
    code: 'if (changed.size === 0) return batch;',
    without: 'if (changed.size >= 0) return batch;',
    tests: [worker, guards],
  },
  {
    name: 'revision check dropped: an old mapping is sent after a new one',
    promise: 2,
    file: `${delivery}/claim-batches.ts`,
    code: 'if (!(await isRevisionCurrent(trx, dataflow.dataflowId, dataflow.revision))) return undefined;',
    without: 'await isRevisionCurrent(trx, dataflow.dataflowId, dataflow.revision);',
    tests: [worker, guards],
  },
  {
    name: 'opt-out ignored',
    promise: 8,
    file: `${delivery}/decide-delivery.ts`,
    code: 'if (optOut !== undefined) {',
    without: "if (optOut === 'never') {",
    tests: [worker],
  },
  {
    name: 'exits forgotten: who left stays a member at the destination',
    promise: 2,
    file: `${delivery}/decide-delivery.ts`,
    code: "if (!row.member) return writeExit(rules, row, profile) ?? exclude('segment_exited', false);",
    without: "if (!row.member) return exclude('segment_exited', false);",
    tests: [members],
  },
  {
    name: 'parents not waited for: records without the one they belong to',
    promise: 2,
    file: `${delivery}/parent-records.ts`,
    code: 'else settlements.push(waiting(child, family.parentId, now));',
    without: 'else ready.push(child);',
    tests: [members],
  },
  {
    name: 'two servers make one list',
    promise: 3,
    file: `${store}/delivery-dataflows.ts`,
    code: 'and (list_claimed_until is null or list_claimed_until <= $3)`,',
    without: 'and $3::timestamptz is not null`,',
    tests: [guards],
  },
  {
    name: 'merged people not held back: a request of before writes after',
    promise: 3,
    file: `${store}/delivery-claims.ts`,
    code: 'and (hold_until is null or hold_until <= $5)',
    without: 'and $5::timestamptz is not null',
    tests: [people],
  },
  {
    name: 'gone records kept: an id that leads nowhere is written again',
    promise: 2,
    file: `${store}/delivery-settlements.ts`,
    code: "record_id = case a.record_id when 'forget' then null else coalesce(a.record_id, e.record_id) end,",
    without:
      "record_id = case a.record_id when 'forget' then e.record_id else coalesce(a.record_id, e.record_id) end,",
    tests: [worker, people],
  },
  {
    name: 'received not counted',
    promise: 10,
    file: `${store}/export-marks.ts`,
    code: 'if (!pendingBefore.has(keyText(key)))',
    without: 'if (pendingBefore.has(keyText(key)))',
    tests: [worker],
  },
  {
    name: 'adapter: results taken by their place in a list of another length',
    promise: 3,
    file: `${crm}/records/collection-results.ts`,
    code: 'if (!Array.isArray(body) || body.length !== sentIds.length) return none;',
    without: 'if (!Array.isArray(body)) return none;',
    tests: [`${crm}/records/lost-results.test.ts`],
  },
  {
    name: 'adapter: a part without an answer counts as not written',
    promise: 3,
    file: `${crm}/composite.ts`,
    code: "effect === 'write' ? 'destination_outcome_unknown' : 'destination_unavailable',",
    without: "'destination_unavailable',",
    tests: [`${crm}/records/lost-results.test.ts`],
  },
  {
    name: 'adapter: a second Campaign made at the same moment is kept',
    promise: 3,
    file: `${crm}/campaigns/ensure-campaign.ts`,
    code: 'if (first === undefined || first.Id === madeId) return madeId;',
    without: "if (first?.Id !== '') return madeId;",
    tests: [`${crm}/campaigns/ensure-campaign.test.ts`],
  },
  {
    name: 'adapter: converted Leads not followed, so that their people change no more',
    promise: 2,
    file: `${crm}/records/deliver-records.ts`,
    code: "if (object === 'Lead' && codes.includes('CANNOT_UPDATE_CONVERTED_LEAD')) return true;",
    without: "if (object === 'Lead' && codes.includes('NO_SUCH_CODE')) return true;",
    tests: [`${crm}/records/moved-records.test.ts`],
  },
  {
    name: 'adapter: fields for an empty place written over what is there',
    promise: 8,
    file: `${crm}/records/read-records.ts`,
    code: 'if (ifEmpty.includes(name) && !isEmpty(row[held], field.type)) return [];',
    without: 'if (ifEmpty.includes(name) && isEmpty(row[held], field.type)) return [];',
    tests: [`${crm}/records/moved-records.test.ts`],
  },
  {
    name: 'versions stand still: a late request may win',
    promise: 4,
    file: `${store}/delivery-version.ts`,
    code: 'set version = greatest(version + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)',
    without: 'set version = greatest(version, 1)',
    tests: [`${store}/delivery-version.pg.test.ts`],
  },
  {
    name: 'webhook: the version is not told',
    promise: 4,
    file: `${destinations}/webhook/to-messages.ts`,
    code: `  version,
  records: items.map((item) => {`,
    without: `  version: version * 0,
  records: items.map((item) => {`,
    tests: [`${destinations}/webhook/webhook-destination.http.test.ts`],
  },
  {
    name: 'webhook: the record of a former key stays',
    promise: 3,
    file: `${destinations}/webhook/to-messages.ts`,
    code: 'item.recordId !== null && item.recordId !== id;',
    without: "item.recordId !== null && item.recordId === 'never';",
    tests: [contract],
  },
  {
    name: 'webhook: a call is made before it is counted',
    promise: 5,
    file: `${destinations}/webhook/webhook-client.ts`,
    code: 'await this.#ports.budget.reserve(purpose);',
    without: 'this.#ports.budget.reserve(purpose).catch(() => undefined);',
    tests: [contract],
  },
  {
    name: 'Salesforce CRM: a call is made before it is counted',
    promise: 5,
    file: `${destinations}/salesforce-crm/counted-http.ts`,
    code: 'await this.#budget.reserve(request.purpose);',
    without: 'this.#budget.reserve(request.purpose).catch(() => undefined);',
    tests: [contract],
  },
  {
    name: 'ledger: reservation dropped where many reserve at once',
    promise: 5,
    file: `${store}/call-budgets.ts`,
    code: 'and revision = $2 and calls + $4::bigint <= $6::bigint returning *',
    without: 'and revision = $2 and $6::bigint > 0 returning *',
    tests: [ledger],
  },
  {
    name: 'ledger: a change of the allowance is not seen by who is at it',
    promise: 5,
    file: `${store}/call-budgets.ts`,
    code: 'where budget_key = $1 and revision = $2 and calls',
    without: 'where budget_key = $1 and $2::bigint >= 0 and calls',
    tests: [ledger],
  },
  {
    name: 'ledger: a bin leaves when its first call is a day old',
    promise: 5,
    file: `${delivery}/call-limit.ts`,
    code: 'new Date(callBinOf(new Date(now.getTime() - windowMs - binMs - slackMs)).getTime() + binMs);',
    without: 'new Date(callBinOf(new Date(now.getTime() - windowMs)).getTime() + binMs);',
    tests: [ledger],
  },
  {
    name: 'ledger: what others used is forgotten',
    promise: 5,
    file: `${delivery}/call-limit.ts`,
    code: 'return Math.max(0, Math.min(allowance, left));',
    without: 'return Math.max(0, left > 0 ? allowance : 0);',
    tests: [ledger],
  },
  {
    name: 'pace dropped: calls go as changes come',
    promise: 5,
    file: `${delivery}/dataflow-lane.ts`,
    code: 'if (pace.sendAt > at.getTime()) return',
    without: 'if (pace.sendAt > at.getTime() + 86_400_000) return',
    tests: [`${delivery}/lane-pacing.pg.test.ts`],
  },
];
