import type { IdentityNamespace } from '../identity/namespaces.ts';
import {
  type Identity,
  identityKey,
  type NormalisationOptions,
  normaliseIdentity,
} from '../identity/normalise.ts';
import type { JsonValue } from '../xdm/field.ts';
import { isJsonObject } from '../xdm/json-inspection.ts';

/** Shorter beginnings and words match too many people to help. */
const shortestPart = 2;
/** Words of a name that are compared. */
const maxWords = 5;

/** What a text someone typed may mean. */
export type SearchTerms = {
  /** The identities it is, one a namespace at most. */
  readonly identities: readonly Identity[];
  /** Beginnings of identities, as these are stored. */
  readonly prefixes: readonly { readonly namespace: string; readonly prefix: string }[];
  /** Words of a name, folded as `foldName` does; empty where it cannot be a name. */
  readonly words: readonly string[];
};

/** @param namespaces every one there is. */
export function parseSearch(
  text: string,
  namespaces: readonly IdentityNamespace[],
  options: NormalisationOptions,
): SearchTerms {
  const trimmed = text.trim();
  const isLong = trimmed.length >= shortestPart;
  const words = foldName(trimmed)
    .split(/\s+/)
    .filter((word) => word.length >= shortestPart);
  return {
    identities: identitiesIn(trimmed, namespaces, options),
    prefixes: isLong
      ? namespaces.map(({ code }) => ({ namespace: code, prefix: prefixFor(code, trimmed) }))
      : [],
    words: /[@\d]/.test(trimmed) ? [] : words.slice(0, maxWords),
  };
}

/** The identities that a value can be, in any of the namespaces. */
export function identitiesIn(
  value: string,
  namespaces: readonly IdentityNamespace[],
  options: NormalisationOptions,
): readonly Identity[] {
  const found = namespaces.flatMap((namespace) => {
    const identity = normaliseIdentity(namespace, value, options);
    return identity.ok ? [{ namespace: identity.namespace, value: identity.value }] : [];
  });
  // A hash given as an e-mail address belongs to the namespace of hashes, which it is tried in, too.
  return [...new Map(found.map((identity) => [identityKey(identity), identity])).values()];
}

function prefixFor(code: string, text: string): string {
  if (code.startsWith('Phone'))
    return /^\+?[\d\s()./-]+$/.test(text) ? text.replaceAll(/[\s()./-]/g, '') : text;
  return code.startsWith('Email') ? text.toLowerCase() : text;
}

/** Whether a name holds each of the words, whatever the case and accents. */
export function matchesName(name: string, words: readonly string[]): boolean {
  const folded = foldName(name);
  return words.length > 0 && words.every((word) => folded.includes(word));
}

const foldName = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();

/**
 * What a person is called: the full name, else first and last name; undefined where neither is known.
 * @param name `person.name` of a document.
 */
export function displayName(name: JsonValue | undefined): string | undefined {
  const part = (key: string): string | undefined => {
    const value = isJsonObject(name) && Object.hasOwn(name, key) ? name[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const parts = [part('firstName'), part('lastName')].filter((text) => text !== undefined);
  return part('fullName') ?? (parts.length > 0 ? parts.join(' ') : undefined);
}

/** Every text of a `person.name`, for `matchesName`. */
export const namesIn = (name: JsonValue | undefined): string =>
  isJsonObject(name)
    ? Object.values(name)
        .filter((part) => typeof part === 'string')
        .join(' ')
    : '';
