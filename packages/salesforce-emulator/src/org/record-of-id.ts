import { type Catalog, objectOfPrefix } from '../schema/catalog.ts';
import type { ObjectType } from '../schema/object-type.ts';
import { normalizeId, recordNumberOf } from './record-id.ts';

/** Where a record is, or would be: `id` has 18 characters, `rid` is the number inside it. */
export interface RecordPlace {
  readonly id: string;
  readonly object: ObjectType;
  readonly rid: number;
}

/** The place an id in either form names; undefined for what is no id of these objects in this org. */
export function placeOfId(catalog: Catalog, rawId: string): RecordPlace | undefined {
  const id = normalizeId(rawId.trim());
  const object = id === undefined ? undefined : objectOfPrefix(catalog, id.slice(0, 3));
  const rid = id === undefined ? undefined : recordNumberOf(id);
  return id === undefined || object === undefined || rid === undefined ? undefined : { id, object, rid };
}

/** The number of the record an id in either form names; undefined for what is no id of this object in this org. */
export function numberInObject(object: ObjectType, rawId: string): number | undefined {
  const id = normalizeId(rawId.trim());
  return id?.startsWith(object.keyPrefix) ? recordNumberOf(id) : undefined;
}
