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
  // Records are the nodes: those that share an identity, or a profile that holds one of theirs, are one.
  const groups = new DisjointSets<number>();
  const byIdentity = new Map<string, number>();
  const byHolder = new Map<string, number>();
  for (const [index, identities] of records.entries()) {
    if (identities.length === 0) throw new RangeError('A record without an identity cannot join a profile.');
    for (const identity of identities) {
      const key = identityKey(identity);
      meet(byIdentity, key, index);
      const holder = known.get(key);
      if (holder !== undefined) meet(byHolder, holder, index);
    }
  }
  function meet(seen: Map<string, number>, key: string, index: number): void {
    const other = seen.get(key);
    if (other === undefined) seen.set(key, index);
    else if (other !== index) groups.union(other, index);
  }

  const holders = new Map<number, string[]>();
  for (const [profileId, index] of byHolder) {
    const root = groups.find(index);
    const others = holders.get(root);
    if (others === undefined) holders.set(root, [profileId]);
    else others.push(profileId);
  }

  const survivors = new Map<number, string>();
  const merges: { from: string; into: string }[] = [];
  const profileIds = records.map((_, index) => {
    const root = groups.find(index);
    let survivor = survivors.get(root);
    if (survivor === undefined) {
      const [least, ...others] = (holders.get(root) ?? []).sort();
      survivor = least ?? newProfileId();
      survivors.set(root, survivor);
      for (const from of others) merges.push({ from, into: survivor });
    }
    return survivor;
  });
  return { profileIds, merges };
}

/** Union-find with path halving. */
export class DisjointSets<Node> {
  readonly #parent = new Map<Node, Node>();

  find(node: Node): Node {
    let at = node;
    for (;;) {
      const parent = this.#parent.get(at) ?? at;
      if (parent === at) return at;
      const above = this.#parent.get(parent) ?? parent;
      this.#parent.set(at, above);
      at = above;
    }
  }

  union(a: Node, b: Node): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) this.#parent.set(rootA, rootB);
  }
}
