import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { compareFragments, compareText, type ProfileFragment } from './fragment.ts';

/**
 * The merged view of a person under the timestamp-ordered merge policy: attribute by attribute, the newest
 * fragment that carries it wins. Objects are merged member by member; arrays are taken whole.
 *
 * `identityMap` is written by the system from the identities of all fragments. The result depends on the set
 * of fragments, not on their order.
 */
export function mergeFragments(fragments: readonly ProfileFragment[]): JsonObject {
  const merged: MutableObject = {};
  for (const fragment of fragments.toSorted(compareFragments)) overlay(merged, fragment.document);
  const identityMap = identityMapOf(fragments);
  if (identityMap !== undefined) merged.identityMap = identityMap;
  return merged;
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
  const byNamespace = new Map<string, Set<string>>();
  for (const fragment of fragments)
    for (const { namespace, value } of fragment.identities) {
      const values = byNamespace.get(namespace) ?? new Set();
      byNamespace.set(namespace, values.add(value));
    }
  if (byNamespace.size === 0) return undefined;
  return Object.fromEntries(
    [...byNamespace]
      .sort(([a], [b]) => compareText(a, b))
      .map(([namespace, values]) => [namespace, [...values].sort(compareText).map((id) => ({ id }))]),
  );
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
