import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { isJsonObject } from '../xdm/json-inspection.ts';
import type { ProfileFragment } from './fragment.ts';
import { mergeOrder } from './merge-order.ts';
import type { AttributeMerge } from './merge-policy.ts';
import { identitiesOf } from './partition-fragments.ts';

/**
 * The merged view of a person: attribute by attribute, the winning fragment that carries it. Objects and maps are
 * merged member by member, lists are taken whole; `docs/merging.md` says why.
 *
 * `identityMap` is written by the system from the links of all fragments. The result depends on the set of
 * fragments, not on their order (promise 7).
 */
export function mergeFragments(fragments: readonly ProfileFragment[], merge: AttributeMerge): JsonObject {
  const { attributes, consents } = mergeOrder(fragments, merge);
  const merged: MutableObject = {};
  for (const { document } of attributes) overlay(merged, document);
  if (consents !== attributes)
    for (const { document } of consents)
      if (document.consents !== undefined) overlay(merged, { consents: document.consents });
  const identityMap = identityMapOf(fragments);
  if (identityMap !== undefined) merged.identityMap = identityMap;
  else delete merged.identityMap;
  return merged;
}

type MutableObject = { [key: string]: JsonValue };

function overlay(target: MutableObject, source: JsonObject): void {
  for (const [key, value] of Object.entries(source)) {
    if (key === '__proto__') continue;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isJsonObject(value)) {
      const member: MutableObject = isJsonObject(present) ? { ...present } : {};
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
