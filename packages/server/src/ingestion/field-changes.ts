import { exactPointerTo, isJsonObject, isSameJson, type JsonObject, type JsonValue } from '@headrace/core';
import type { FieldChange } from '../store/profile-changes.ts';

/** Fields that differ between two documents, by JSON pointer; lists are compared whole. */
export function fieldChanges(before: JsonObject, after: JsonObject, at = ''): FieldChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].sort().flatMap((key): FieldChange[] => {
    const [was, is] = [member(before, key), member(after, key)];
    if (isSameJson(was, is)) return [];
    const path = at + exactPointerTo([key]);
    if (isJsonObject(was) && isJsonObject(is)) return fieldChanges(was, is, path);
    return [{ path, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

const member = (object: JsonObject, key: string): JsonValue | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
