import type { JsonObject } from '../xdm/field.ts';
import type { IdentityDescriptor } from '../xdm/identity-descriptor.ts';
import { isJsonObject } from '../xdm/json-inspection.ts';
import { pointerTo } from '../xdm/json-pointer.ts';
import { parseXdmPath, valueAt, type XdmPath } from '../xdm/path.ts';
import { findNamespace, type IdentityNamespace } from './namespaces.ts';
import {
  type Identity,
  type IdentityRejection,
  identityKey,
  identityRejections,
  type NormalisationOptions,
  normaliseIdentity,
} from './normalise.ts';

/** More identities than this in one record are left out. Source: the platform's identity guardrails. */
export const maxIdentitiesPerRecord = 20;

export type ExtractionOptions = NormalisationOptions & {
  /** The workspace's own namespaces, besides the standard ones. */
  readonly customNamespaces: readonly IdentityNamespace[];
};

/** A value that is no identity: where it stands and why. It holds nothing of the value. */
export type RejectedIdentity = {
  readonly pointer: string;
  readonly namespace: string;
  readonly reason: IdentityRejection;
  readonly message: string;
};

export type ExtractedIdentities = {
  /** Normalised, each once, the primary one first, at most `maxIdentitiesPerRecord`. */
  readonly identities: readonly Identity[];
  /** The identity that stands for the record; undefined when it names none, or a rejected one. */
  readonly primary: Identity | undefined;
  readonly rejected: readonly RejectedIdentity[];
};

type Candidate = {
  readonly at: readonly string[];
  readonly namespace: string;
  readonly value: string;
  readonly primary: boolean;
};

/**
 * The identities of a record: the fields its schema marks, then its `identityMap` by namespace and value, so
 * that the outcome does not depend on the order of keys. A descriptor's primary goes before one of the map.
 * Expects a record that fits its schema; anything else in the map is passed over.
 */
export function extractIdentities(
  record: JsonObject,
  descriptors: readonly IdentityDescriptor[],
  options: ExtractionOptions,
): ExtractedIdentities {
  const candidates = [...fromDescriptors(record, descriptors), ...fromIdentityMap(record)];
  const marked = candidates.find(({ primary }) => primary);
  const ordered =
    marked === undefined ? candidates : [marked, ...candidates.filter((other) => other !== marked)];

  const identities = new Map<string, Identity>();
  const rejected: RejectedIdentity[] = [];
  let primary: Identity | undefined;
  for (const candidate of ordered) {
    const result = normalise(candidate, options);
    if (!result.ok) {
      rejected.push(rejection(candidate, result.reason));
      continue;
    }
    const identity: Identity = { namespace: result.namespace, value: result.value };
    const key = identityKey(identity);
    if (identities.has(key)) continue;
    if (identities.size >= maxIdentitiesPerRecord) {
      rejected.push(rejection(candidate, 'too_many'));
      continue;
    }
    identities.set(key, identity);
    if (candidate === marked) primary = identity;
  }
  return { identities: [...identities.values()], primary, rejected };
}

function normalise(candidate: Candidate, options: ExtractionOptions) {
  const namespace = findNamespace(candidate.namespace, options.customNamespaces);
  if (namespace === undefined) return { ok: false, reason: 'unknown_namespace' } as const;
  if (namespace.idType === 'NON_PEOPLE' || namespace.idType === 'PARTNER')
    return { ok: false, reason: 'not_people' } as const;
  return normaliseIdentity(namespace, candidate.value, options);
}

const rejection = ({ at, namespace }: Candidate, reason: IdentityRejection): RejectedIdentity => ({
  pointer: pointerTo(at),
  namespace,
  reason,
  message: identityRejections[reason],
});

function fromDescriptors(record: JsonObject, descriptors: readonly IdentityDescriptor[]): Candidate[] {
  const candidates: Candidate[] = [];
  for (const descriptor of descriptors) {
    const at = pathOf(descriptor);
    const value = valueAt(record, at);
    const { namespace, primary } = descriptor;
    if (typeof value === 'string') candidates.push({ at, namespace, value, primary });
  }
  return candidates;
}

/** The path of a descriptor, taken apart once and not for every record. */
function pathOf(descriptor: IdentityDescriptor): XdmPath {
  const known = paths.get(descriptor);
  if (known !== undefined) return known;
  const path = parseXdmPath(descriptor.path);
  paths.set(descriptor, path);
  return path;
}

const paths = new WeakMap<IdentityDescriptor, XdmPath>();

function fromIdentityMap(record: JsonObject): Candidate[] {
  const identityMap = valueAt(record, ['identityMap']);
  if (!isJsonObject(identityMap)) return [];
  const candidates: Candidate[] = [];
  for (const [namespace, items] of Object.entries(identityMap)) {
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries()) {
      const id = isJsonObject(item) ? valueAt(item, ['id']) : undefined;
      if (typeof id !== 'string') continue;
      const at = ['identityMap', namespace, String(index), 'id'];
      const primary = isJsonObject(item) && valueAt(item, ['primary']) === true;
      candidates.push({ at, namespace, value: id, primary });
    }
  }
  return candidates.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.value, b.value));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
