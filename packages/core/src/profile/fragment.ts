import type { Identity } from '../identity/normalise.ts';
import type { JsonObject } from '../xdm/field.ts';

/** What one dataset says of one primary identity. */
export type ProfileFragment = {
  readonly datasetId: string;
  /** The primary identity that names the fragment within its dataset. */
  readonly primary: Identity;
  readonly recordId: string;
  /** Milliseconds since the epoch: the source's last-updated time, else the time of receipt, given once. */
  readonly stampMs: number;
  readonly identities: readonly Identity[];
  readonly document: JsonObject;
};

/**
 * Order of records that speak of the same thing: by stamp, then dataset, then record id, then content, so
 * that any two different records have one order and applying them in any sequence gives the same profile
 * (promise 7).
 * @returns negative when `a` is older.
 */
export function compareFragments(a: ProfileFragment, b: ProfileFragment): number {
  return (
    a.stampMs - b.stampMs ||
    compareText(a.datasetId, b.datasetId) ||
    compareText(a.recordId, b.recordId) ||
    compareText(canonicalJson(a.document), canonicalJson(b.document))
  );
}

/** Code-unit order: the same on every machine, unlike a locale's. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON with object keys in one order: equal text means equal value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => compareText(a, b)))
      : member,
  );
}
