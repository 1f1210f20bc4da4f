import { exactPointerTo, isJsonObject, isSameJson, type JsonObject } from '@headrace/core';
import type { FieldChange } from '../store/profile-changes.ts';

/** Fields that differ between two documents, by JSON pointer and in its order; lists are compared whole. */
export function fieldChanges(before: JsonObject, after: JsonObject): FieldChange[] {
  const changes: FieldChange[] = [];
  collect(before, after, [], changes);
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function collect(before: JsonObject, after: JsonObject, at: readonly string[], changes: FieldChange[]): void {
  for (const key of Object.keys(before)) {
    const [was, is] = [before[key], Object.hasOwn(after, key) ? after[key] : undefined];
    if (was === is) continue;
    if (isJsonObject(was) && isJsonObject(is)) collect(was, is, [...at, key], changes);
    else if (!isSameJson(was, is))
      changes.push({
        path: exactPointerTo([...at, key]),
        ...(was !== undefined && { before: was }),
        ...(is !== undefined && { after: is }),
      });
  }
  for (const key of Object.keys(after)) {
    const is = after[key];
    if (is !== undefined && !Object.hasOwn(before, key))
      changes.push({ path: exactPointerTo([...at, key]), after: is });
  }
}
