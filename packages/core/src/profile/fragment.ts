import { type Identity, identityKey } from '../identity/normalise.ts';
import type { JsonObject } from '../xdm/field.ts';

/** Why a link that a record made does not count: a person parted the pair, or the graph was full. */
export type LinkCut = 'unlinked' | 'graph_full';

/** An identity that records of a fragment carried, and so linked to its primary one. */
export type FragmentLink = Identity & {
  /** Stamps of the oldest and the newest record that carried it, in milliseconds since the epoch. */
  readonly first: number;
  readonly last: number;
  readonly cut?: LinkCut;
};

/**
 * What one dataset says of one primary identity: its newest record, and every identity its records ever linked.
 * A profile is nothing but its fragments. Of an event dataset a fragment holds links only; its document is empty.
 */
export type ProfileFragment = {
  readonly datasetId: string;
  /** The primary identity that names the fragment within its dataset. */
  readonly primary: Identity;
  /** The profile it was first part of; a split gives that id back. */
  readonly originId: string;
  readonly recordId: string;
  /** Milliseconds since the epoch: the source's last-updated time, else the time of receipt, given once. */
  readonly stampMs: number;
  /** The batch of the record; null when it was streamed. */
  readonly batchId: string | null;
  readonly receivedMs: number;
  /** The primary identity among them. */
  readonly links: readonly FragmentLink[];
  readonly document: JsonObject;
};

/** Names a fragment among those of all profiles. */
export const fragmentKey = ({ datasetId, primary }: Pick<ProfileFragment, 'datasetId' | 'primary'>): string =>
  `${datasetId}\u0000${identityKey(primary)}`;

/** The part of a fragment that a newer record replaces. */
export type FragmentRecord = Pick<ProfileFragment, 'datasetId' | 'recordId' | 'stampMs' | 'document'>;

/**
 * Order of records that speak of the same thing: by stamp, then dataset, then record id, then content, so
 * that any two different records have one order and applying them in any sequence gives the same profile
 * (promise 7).
 * @returns negative when `a` is older.
 */
export function compareFragments(a: FragmentRecord, b: FragmentRecord): number {
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
