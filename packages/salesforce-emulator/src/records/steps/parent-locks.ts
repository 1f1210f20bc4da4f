import type { OrgState } from '../../org/org-state.ts';
import { createRecordId } from '../../org/record-id.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import { readRecord } from '../../store/record-table.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** Parents that are locked while a record of the object is written, by Salesforce's record locking. */
const lockedParents: Readonly<Record<string, readonly string[]>> = {
  Contact: ['AccountId'],
  CampaignMember: ['CampaignId', 'ContactId', 'LeadId'],
};

/** Locks the record itself and its parents, the old ones and the new; refuses where another has one of them. */
export function lockWithParents({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  if (org.locks.isIdle()) return none;
  const { object, rid } = draft;
  const ids = rid === undefined ? [] : [createRecordId(object.keyPrefix, rid)];
  for (const name of lockedParents[object.name] ?? [])
    for (const parent of [draft.before()?.[name], valueAfter(draft, name)])
      if (typeof parent === 'string') ids.push(parent);
  return lockAll(org, ids);
}

/** The same for a record that is deleted. */
export function lockForDelete(
  { org }: WriteContext,
  object: ObjectType,
  rid: number,
): readonly RecordError[] {
  if (org.locks.isIdle()) return none;
  const row = readRecord(org.database, object, rid);
  const parents = (lockedParents[object.name] ?? []).map((name) => row?.[name]);
  const ids = parents.filter((parent) => typeof parent === 'string');
  return lockAll(org, [createRecordId(object.keyPrefix, rid), ...ids]);
}

function lockAll(org: OrgState, ids: readonly string[]): readonly RecordError[] {
  const held = ids.find((id) => !org.locks.take(id));
  return held === undefined ? none : [recordErrors.lockedRow(held)];
}
