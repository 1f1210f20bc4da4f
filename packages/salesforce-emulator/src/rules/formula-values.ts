import type { EvaluationContext } from '../formula/evaluation.ts';
import type { FormulaValue } from '../formula/formula-type.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { type Draft, valueAfter } from '../records/draft.ts';
import type { WriteContext } from '../records/write-context.ts';
import { type FieldDefinition, storedValue } from '../schema/field.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { readFields } from '../store/record-table.ts';
import type { FieldSource, ParentStep } from './formula-fields.ts';

/** What a formula reads of a record being saved: its own values as they will be, those of parents as they are. */
export function evaluationOf(
  context: WriteContext,
  draft: Draft,
  sources: ReadonlyMap<string, FieldSource>,
): EvaluationContext {
  const { org, userId } = context;
  return {
    isNew: draft.mode === 'create',
    now: now(org),
    value: (path) => {
      const source = sources.get(path);
      if (source === undefined) return null;
      const { root, start, parents, field } = source;
      if (root === 'user') return readThrough(org, start, userId, parents, field);
      const [step, ...rest] = parents;
      if (step === undefined) return field.type === 'id' ? ownId(draft) : valueAfter(draft, field.name);
      const parentId = idAt(valueAfter(draft, step.reference.name), step.parent);
      return readThrough(org, step.parent, parentId, rest, field);
    },
    prior: (path) => {
      const field = sources.get(path)?.field;
      if (field?.type === 'id') return ownId(draft);
      return field === undefined ? null : storedValue(draft.before()?.[field.name]);
    },
  };
}

const ownId = ({ object, rid }: Draft): FormulaValue =>
  rid === undefined ? null : createRecordId(object.keyPrefix, rid);

/** An id, where it is one of the object's: a reference may lead to several. */
const idAt = (value: unknown, object: ObjectType): string | undefined =>
  typeof value === 'string' && value.startsWith(object.keyPrefix) ? value : undefined;

/** A field of the record that the steps lead to from the one with this id; null where they end early. */
function readThrough(
  org: OrgState,
  start: ObjectType,
  id: string | undefined,
  steps: readonly ParentStep[],
  field: FieldDefinition,
): FormulaValue {
  let object = start;
  let at = id;
  for (const { reference, parent } of steps) {
    at = idAt(readOne(org, object, at, reference.name), parent);
    object = parent;
  }
  return field.type === 'id' ? (at ?? null) : storedValue(readOne(org, object, at, field.name));
}

function readOne(org: OrgState, object: ObjectType, id: string | undefined, name: string): unknown {
  const rid = id === undefined ? undefined : recordNumberOf(id);
  return rid === undefined ? null : readFields(org.database, object, rid, [name])?.[name];
}
