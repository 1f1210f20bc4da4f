import { hash } from 'node:crypto';
import { canonicalJson, type ListMembership, type SendableRecord } from '@headrace/core';
import type { SentHashes } from '../store/delivery-claims.ts';

/** What the destination is to hold of a profile. */
export type WantedRecord = Omit<SendableRecord, 'kind'> & { readonly lists: readonly ListMembership[] };

/**
 * Equal hashes mean there is nothing to write. It covers the key, since the same values under another key are news,
 * and the parent's key, but not what the parent holds.
 */
export const hashOf = ({ object, matchKey, fields, lists, parent }: WantedRecord): string =>
  hash(
    'sha256',
    canonicalJson([
      object,
      matchKey,
      { ...fields },
      lists.map(({ listId, status }) => [listId, status]),
      parent === null ? null : [parent.object, parent.matchKey],
    ]),
    'base64url',
  );

/** Short: it only has to tell one value of a field from the next. */
const shortHash = (value: unknown): string => hash('sha1', JSON.stringify(value), 'base64url').slice(0, 8);

/** Under which a list stands among what was sent. */
export const listKey = (listId: string): string => `@${listId}`;

/** What a record was given once it is written. */
export function sentHashesOf({ fields, lists }: Pick<WantedRecord, 'fields' | 'lists'>): SentHashes {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) sent[name] = shortHash(value);
  for (const { listId, status } of lists) sent[listKey(listId)] = shortHash(status);
  return sent;
}

/** The part of a record that it was not given yet. */
export function changedSince(
  { fields, lists }: Pick<WantedRecord, 'fields' | 'lists'>,
  sent: SentHashes,
): Pick<WantedRecord, 'fields' | 'lists'> {
  return {
    fields: Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => sent[name] !== shortHash(value)),
    ),
    lists: lists.filter(({ listId, status }) => sent[listKey(listId)] !== shortHash(status)),
  };
}
