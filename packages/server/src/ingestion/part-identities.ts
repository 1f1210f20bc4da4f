import {
  findConnection,
  HeadraceError,
  type Identity,
  type IdentityPair,
  identitiesOf,
  identityKey,
  invalidInput,
  markPairs,
  notFound,
  type ProfileFragment,
  pairKey,
  pairsAcross,
} from '@headrace/core';
import type pg from 'pg';
import { type Trx, transaction } from '../store/database.ts';
import { findIdentityHolders } from '../store/identities.ts';
import { deleteUnlinks, findParted, insertUnlinks } from '../store/identity-unlinks.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { regroupAround } from './regroup-profiles.ts';
import { type ProfileChangeListener, saveProfiles } from './save-profiles.ts';
import { readStoredProfiles } from './stored-profiles.ts';

export type PartingOptions = {
  readonly pool: pg.Pool;
  readonly onChange: ProfileChangeListener;
  /** Called after each commit: due marks may have been made. */
  readonly onCommit: () => void;
  readonly now: () => Date;
};

/** Which profile holds each of some identities now; null for one that nobody holds. */
export type Placement = { readonly identity: Identity; readonly profileId: string | null };

export type PairOutcome = {
  readonly placements: readonly Placement[];
  /** The records that still connect the two, in order from one to the other; empty when they are apart. */
  readonly connectedBy: readonly ProfileFragment[];
};

/**
 * A person's word on who is who: pairs of identities are parted although records link them, or taken back. Profiles,
 * memberships and exports follow in the same transaction.
 */
export class IdentityGraph {
  readonly #options: PartingOptions;

  constructor(options: PartingOptions) {
    this.#options = options;
  }

  /** Parts a pair for good: neither present nor future records link the two. Others may still connect them. */
  unlink(pair: IdentityPair, principal: string): Promise<PairOutcome> {
    return this.#change(async (trx, now) => {
      await insertUnlinks(trx, [pair], principal, now);
      return this.#markPairs(trx, [pair], 'unlinked', now);
    });
  }

  /** Takes `unlink` back: what records said of the pair counts again. @throws HeadraceError `conflict`. */
  relink(pair: IdentityPair): Promise<PairOutcome> {
    return this.#change(async (trx, now) => {
      if ((await findParted(trx, [pair])).size === 0)
        throw new HeadraceError(
          'conflict',
          'The two identities were never unlinked, so there is nothing to take back.',
        );
      await deleteUnlinks(trx, [pair]);
      return this.#markPairs(trx, [pair], undefined, now);
    });
  }

  /**
   * Parts identities of a profile from its others by unlinking every pair that a record links across.
   * @returns where the profile's identities are now.
   * @throws HeadraceError `not_found`, `invalid_input` for identities that are not all its own or all that it has.
   */
  split(profileId: string, apart: readonly Identity[], principal: string): Promise<readonly Placement[]> {
    return this.#change(async (trx, now) => {
      const fragments = (await readStoredProfiles(trx, [profileId])).fragments.get(profileId) ?? [];
      if (fragments.length === 0) throw notFound('profile', profileId);
      const own = identitiesOf(fragments);
      const inside = new Set(apart.map(identityKey));
      refuseForeign(apart, new Set(own.map(identityKey)));
      if (inside.size === own.length)
        throw invalidInput('These are all identities of the profile: nothing would stay. Leave some out.', [
          { pointer: '/identities', message: 'Expected some, not all, identities of the profile.' },
        ]);
      for (let mixed = [profileId]; mixed.length > 0; ) {
        const stored = await readStoredProfiles(trx, mixed);
        const pairs = pairsAcross([...stored.fragments.values()].flat(), inside);
        await insertUnlinks(trx, pairs, principal, now);
        await this.#markPairs(trx, pairs, 'unlinked', now);
        // What a full graph had cut off may come back and connect the two sides again.
        mixed = mixedProfiles(await placementsOf(trx, own), inside);
      }
      return placementsOf(trx, own);
    });
  }

  async #change<Result>(work: (trx: Trx, now: Date) => Promise<Result>): Promise<Result> {
    const result = await transaction(this.#options.pool, async (trx) => {
      await lockProfileWrites(trx);
      return work(trx, this.#options.now());
    });
    this.#options.onCommit();
    return result;
  }

  async #markPairs(
    trx: Trx,
    pairs: readonly IdentityPair[],
    cut: 'unlinked' | undefined,
    now: Date,
  ): Promise<PairOutcome> {
    const identities = pairs.flat();
    // A fragment stands where its primary identity is held, so these are all that link one of the pairs.
    const holders = await findIdentityHolders(trx, identities);
    const stored = await readStoredProfiles(trx, [...new Set(holders.values())]);
    const keys = new Set(pairs.map(pairKey));
    const marked = new Map(
      [...stored.fragments].map(([profileId, fragments]) => [profileId, markPairs(fragments, keys, cut)]),
    );
    const { before, after } = await regroupAround(trx, stored, marked, () => true);
    await saveProfiles(trx, before, after, this.#options.onChange, now);
    const [pair] = pairs;
    const connection = pair && findConnection([...after.values()].flat(), pair);
    return { placements: await placementsOf(trx, identities), connectedBy: connection ?? [] };
  }
}

/** Profiles that hold identities of both sides. */
function mixedProfiles(placements: readonly Placement[], inside: ReadonlySet<string>): string[] {
  const sides = Map.groupBy(placements, ({ identity }) => inside.has(identityKey(identity)));
  const within = new Set(sides.get(true)?.map(({ profileId }) => profileId));
  const without = new Set(sides.get(false)?.map(({ profileId }) => profileId));
  return [...within].flatMap((profileId) =>
    profileId !== null && without.has(profileId) ? [profileId] : [],
  );
}

async function placementsOf(trx: Trx, identities: readonly Identity[]): Promise<Placement[]> {
  const holders = await findIdentityHolders(trx, identities);
  return identities.map((identity) => ({ identity, profileId: holders.get(identityKey(identity)) ?? null }));
}

function refuseForeign(identities: readonly Identity[], own: ReadonlySet<string>): void {
  const details = identities.flatMap((identity, index) =>
    own.has(identityKey(identity))
      ? []
      : [{ pointer: `/identities/${index}`, message: 'Expected an identity that the profile holds.' }],
  );
  if (details.length > 0)
    throw invalidInput(
      'Not all of these are identities of the profile. Its identity graph lists those it has.',
      details,
    );
}
