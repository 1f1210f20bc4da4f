import { type Identity, identityKey } from '../identity/normalise.ts';

export type JoinedIdentities = {
  /** For each record, in order: the profile it belongs to from now on. */
  readonly profileIds: readonly string[];
  /** Profiles that turned out to be one person: each `from` moves into `into`. */
  readonly merges: readonly { readonly from: string; readonly into: string }[];
};

/**
 * Joins records into profiles: two records that share an identity, directly or through others, are one
 * person. When a record connects profiles that exist already, the one with the least id survives.
 *
 * @param records identities of each record; at least one each.
 * @param known identity key → profile that holds it now.
 */
export function joinIdentities(
  records: readonly (readonly Identity[])[],
  known: ReadonlyMap<string, string>,
  newProfileId: () => string,
): JoinedIdentities {
  const groups = new DisjointSets();
  for (const identities of records) {
    const [first] = identities;
    if (first === undefined) throw new RangeError('A record without an identity cannot join a profile.');
    for (const identity of identities) {
      groups.union(identityKey(first), identityKey(identity));
      const holder = known.get(identityKey(identity));
      if (holder !== undefined) groups.union(identityKey(first), profileNode(holder));
    }
  }

  const holders = new Map<string, Set<string>>();
  for (const profileId of new Set(known.values())) {
    const root = groups.find(profileNode(profileId));
    holders.set(root, (holders.get(root) ?? new Set()).add(profileId));
  }

  const survivors = new Map<string, string>();
  const merges: { from: string; into: string }[] = [];
  const profileIds = records.map((identities) => {
    const root = groups.find(identityKey(identities[0] as Identity));
    let survivor = survivors.get(root);
    if (survivor === undefined) {
      const [least, ...others] = [...(holders.get(root) ?? [])].sort();
      survivor = least ?? newProfileId();
      survivors.set(root, survivor);
      for (const from of others) merges.push({ from, into: survivor });
    }
    return survivor;
  });
  return { profileIds, merges };
}

const profileNode = (profileId: string): string => `\u0000profile\u0000${profileId}`;

/** Union-find with path halving. */
export class DisjointSets {
  readonly #parent = new Map<string, string>();

  find(node: string): string {
    let at = node;
    for (;;) {
      const parent = this.#parent.get(at) ?? at;
      if (parent === at) return at;
      const above = this.#parent.get(parent) ?? parent;
      this.#parent.set(at, above);
      at = above;
    }
  }

  union(a: string, b: string): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) this.#parent.set(rootA, rootB);
  }
}
