import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { compareFragments, type ProfileFragment } from './fragment.ts';
import type { AttributeMerge } from './merge-policy.ts';
import { identitiesOf } from './partition-fragments.ts';

/**
 * The merged view of a person: attribute by attribute, the winning fragment that carries it. Objects are merged
 * member by member; arrays are taken whole.
 *
 * `identityMap` is written by the system from the links of all fragments. The result depends on the set of
 * fragments, not on their order.
 */
export function mergeFragments(fragments: readonly ProfileFragment[], merge: AttributeMerge): JsonObject {
  const merged: MutableObject = {};
  for (const fragment of inOrder(fragments, merge)) overlay(merged, fragment.document);
  const identityMap = identityMapOf(fragments);
  if (identityMap !== undefined) merged.identityMap = identityMap;
  return merged;
}

/** The fragments that count, the one whose values win last. */
function inOrder(fragments: readonly ProfileFragment[], merge: AttributeMerge): readonly ProfileFragment[] {
  const byStamp = fragments.toSorted(compareFragments);
  if (merge.type === 'timestampOrdered') return byStamp;
  const rank = ({ datasetId }: ProfileFragment): number => merge.order.indexOf(datasetId);
  // Stable: within a dataset the newest still wins.
  return byStamp.filter((fragment) => rank(fragment) >= 0).sort((a, b) => rank(b) - rank(a));
}

type MutableObject = { [key: string]: JsonValue };

function overlay(target: MutableObject, source: JsonObject): void {
  for (const [key, value] of Object.entries(source)) {
    if (key === '__proto__') continue;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isObject(value)) {
      const member: MutableObject = isObject(present) ? { ...present } : {};
      overlay(member, value);
      target[key] = member;
    } else {
      target[key] = value;
    }
  }
}

function identityMapOf(fragments: readonly ProfileFragment[]): JsonObject | undefined {
  const map = new Map<string, { readonly id: string }[]>();
  for (const { namespace, value } of identitiesOf(fragments)) {
    const ids = map.get(namespace);
    if (ids === undefined) map.set(namespace, [{ id: value }]);
    else ids.push({ id: value });
  }
  return map.size === 0 ? undefined : Object.fromEntries(map);
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
