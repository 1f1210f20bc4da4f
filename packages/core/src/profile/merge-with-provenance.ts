import { identityKey } from '../identity/normalise.ts';
import type { JsonObject, JsonValue } from '../xdm/field.ts';
import { isJsonObject } from '../xdm/json-inspection.ts';
import { exactPointerTo } from '../xdm/json-pointer.ts';
import type { ProfileFragment } from './fragment.ts';
import { mergeFragments } from './merge-fragments.ts';
import { mergeOrder } from './merge-order.ts';
import type { AttributeMerge } from './merge-policy.ts';

export type MergedProfile = {
  /** What `mergeFragments` gives. */
  readonly document: JsonObject;
  /**
   * JSON pointer → the fragment whose record the value is. One entry for each value that is no object (lists are
   * whole) and for each empty object; of `identityMap` one for each identity: the fragment that saw it last.
   */
  readonly provenance: ReadonlyMap<string, ProfileFragment>;
};

/** The merged view of a person with the source of each value. */
export function mergeWithProvenance(
  fragments: readonly ProfileFragment[],
  merge: AttributeMerge,
): MergedProfile {
  const document = mergeFragments(fragments, merge);
  const order = mergeOrder(fragments, merge);
  const provenance = new Map<string, ProfileFragment>();
  for (const [attribute, value] of Object.entries(document)) {
    if (attribute === 'identityMap') continue;
    const winnersFirst = (attribute === 'consents' ? order.consents : order.attributes).toReversed();
    const candidates = winnersFirst.map((fragment) => ({ fragment, value: fragment.document }));
    traceValue(provenance, [attribute], value, memberOf(candidates, attribute));
  }
  for (const [pointer, fragment] of traceIdentities(document, order.consents))
    provenance.set(pointer, fragment);
  return { document, provenance };
}

type Candidate = { readonly fragment: ProfileFragment; readonly value: JsonValue };

/** Of the fragments that say something at a place the first has won it. */
function traceValue(
  provenance: Map<string, ProfileFragment>,
  path: readonly string[],
  value: JsonValue,
  candidates: readonly Candidate[],
): void {
  const members = isJsonObject(value) ? Object.entries(value) : [];
  for (const [key, member] of members)
    traceValue(provenance, [...path, key], member, memberOf(candidates, key));
  const winner = candidates[0]?.fragment;
  if (members.length === 0 && winner !== undefined) provenance.set(exactPointerTo(path), winner);
}

const memberOf = (candidates: readonly Candidate[], key: string): Candidate[] =>
  candidates.flatMap(({ fragment, value }) => {
    const member = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    return member === undefined ? [] : [{ fragment, value: member }];
  });

/** @param byTime all fragments, the newest last. */
function traceIdentities(
  document: JsonObject,
  byTime: readonly ProfileFragment[],
): readonly (readonly [string, ProfileFragment])[] {
  const seen = new Map<string, { readonly fragment: ProfileFragment; readonly last: number }>();
  for (const fragment of byTime)
    for (const link of fragment.links) {
      if (link.cut !== undefined) continue;
      const known = seen.get(identityKey(link));
      if (known === undefined || known.last <= link.last)
        seen.set(identityKey(link), { fragment, last: link.last });
    }
  return Object.entries(isJsonObject(document.identityMap) ? document.identityMap : {}).flatMap(
    ([namespace, ids]) =>
      (Array.isArray(ids) ? ids : []).flatMap((entry: JsonValue, index) => {
        const value = isJsonObject(entry) && typeof entry.id === 'string' ? entry.id : '';
        const source = seen.get(identityKey({ namespace, value }))?.fragment;
        return source === undefined
          ? []
          : [[exactPointerTo(['identityMap', namespace, String(index)]), source] as const];
      }),
  );
}
