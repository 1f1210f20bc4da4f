import { createRecordId, recordNumberOf } from '../../org/record-id.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
/** The fields that make a tree of an object's records. Who a Contact reports to is not checked. */
const parentFields: Readonly<Record<string, string>> = { Account: 'ParentId', Campaign: 'ParentId' };
const maxDepth = 10_000;

/** Refuses a parent that is the record itself or below it. */
export function refuseCircle({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, rid, values } = draft;
  if (rid === undefined || !Object.hasOwn(parentFields, object.name)) return none;
  const name = parentFields[object.name] ?? '';
  let parent: unknown = values.get(name) ?? null;
  if (parent === null) return none;
  const own = createRecordId(object.keyPrefix, rid);
  const next = org.database.prepare(`select "${name}" as parent from "${object.name}" where rid = ?`);
  for (let depth = 0; typeof parent === 'string' && depth < maxDepth; depth++) {
    if (parent === own)
      return [
        recordError(
          'CIRCULAR_DEPENDENCY',
          `${object.label} cannot be its own parent, directly or through others: ${own}`,
          [name],
        ),
      ];
    parent = next.get(recordNumberOf(parent) ?? 0)?.parent;
  }
  return none;
}
