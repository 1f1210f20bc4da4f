import type { JsonObject } from '../json.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { moveToBin } from '../records/delete-record.ts';
import { locateRecord } from '../records/locate-record.ts';
import { recordError, recordErrors } from '../records/record-error.ts';
import type { Saving } from '../records/save-records.ts';
import { copiesForMember } from '../records/steps/member-copies.ts';
import type { WriteContext } from '../records/write-context.ts';
import { changeRecord, writeRecord } from '../records/write-record.ts';
import { type FieldDefinition, isStored, type StoredValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { findByReference, readRecord } from '../store/record-table.ts';
import { inOneSave, type Refusal, refuse } from './in-one-save.ts';

/** A merge: the winner, one or two others that go, and what the winner gets of them. */
export interface Merge {
  readonly object: ObjectType;
  readonly masterId: string;
  readonly ids: readonly string[];
  readonly fields: JsonObject;
}

/** What became of a merge. */
export type MergeResult =
  | {
      readonly kind: 'merged';
      readonly id: string;
      readonly mergedIds: readonly string[];
      /** Records that referred to one that is gone and now refer to the winner. */
      readonly updatedRelatedIds: readonly string[];
    }
  | Refusal;

/**
 * Merges records of one kind, all or nothing: the others go to the recycle bin with the winner's id in
 * MasterRecordId, and what referred to them refers to the winner. A campaign keeps one member of the two. Duplicate
 * rules are not asked. Source: merge() in Salesforce's SOAP API guide, 2026.
 */
export const mergeRecords = (context: WriteContext, merge: Merge): MergeResult =>
  inOneSave(context, (saving) => apply(saving, merge));

function apply(saving: Saving, { object, masterId, ids, fields }: Merge): MergeResult {
  const { org } = saving.context;
  if (!object.traits.mergeable)
    refuse(recordError('INVALID_TYPE', `entity type does not support merge: ${object.label}`));
  const winner = locate(org, object, masterId);
  const losers = ids.map((id) => locate(org, object, id));
  if (losers.includes(winner) || new Set(losers).size < losers.length)
    refuse(recordError('INVALID_ID_FIELD', 'The records of a merge must be different ones.', ['Id']));
  const winnerId = createRecordId(object.keyPrefix, winner);
  const related = losers.flatMap((rid) => {
    const moved = moveReferences(saving, object, createRecordId(object.keyPrefix, rid), winnerId);
    moveToBin(saving, object, rid, winnerId);
    return moved;
  });
  // Afterwards, so that the winner can take over a Unique value.
  const result = writeRecord(saving, { kind: 'update', object, id: winnerId, fields });
  if (!result.success) refuse(...result.errors);
  const mergedIds = losers.map((rid) => createRecordId(object.keyPrefix, rid));
  return { kind: 'merged', id: winnerId, mergedIds, updatedRelatedIds: [...new Set(related)] };
}

function locate(org: OrgState, object: ObjectType, id: string): number {
  const located = locateRecord(org, object, id);
  if ('error' in located) return refuse(located.error);
  const row = readRecord(org.database, object, located.rid);
  return row?.IsConverted === 1 ? refuse(recordErrors.convertedLead()) : located.rid;
}

/** Points what refers to one record to another; answers the ids of what was changed. */
function moveReferences(saving: Saving, object: ObjectType, from: string, to: string): readonly string[] {
  const { org } = saving.context;
  const moved: string[] = [];
  for (const child of org.catalog.values())
    for (const field of child.referenceFields) {
      if (!isStored(field) || !field.referenceTo.includes(object.name) || field.name === 'MasterRecordId')
        continue;
      for (const rid of findByReference(org.database, child, field, from)) {
        const changes = changesOf(org, child, rid, field, to);
        if (changes === undefined) moveToBin(saving, child, rid);
        else changeRecord(saving, child, rid, changes);
        moved.push(createRecordId(child.keyPrefix, rid));
      }
    }
  return moved;
}

/** The change that makes a record refer to the winner; undefined where the winner has such a record already. */
function changesOf(
  org: OrgState,
  child: ObjectType,
  rid: number,
  field: FieldDefinition,
  to: string,
): ReadonlyMap<string, StoredValue> | undefined {
  // Nobody is above himself.
  if (createRecordId(child.keyPrefix, rid) === to) return new Map([[field.name, null]]);
  if (child.name !== 'CampaignMember') return new Map([[field.name, to]]);
  const campaignId = String(readRecord(org.database, child, rid)?.CampaignId);
  const sql = `select 1 from CampaignMember where "${field.name}" = ? and +CampaignId = ? and rid <> ? and IsDeleted = 0`;
  if (org.database.prepare(sql).get(to, campaignId, rid) !== undefined) return undefined;
  const kind = to.startsWith('003') ? 'Contact' : 'Lead';
  return new Map([[field.name, to], ...(copiesForMember(org, to, kind) ?? [])]);
}
