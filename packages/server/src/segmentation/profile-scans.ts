import { randomUUID } from 'node:crypto';
import {
  bucketOf,
  compileSegmentRule,
  HeadraceError,
  matchesName,
  namesIn,
  type SegmentRule,
} from '@headrace/core';
import type pg from 'pg';
import { readTogether, type Trx } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import {
  countProfileBlocks,
  countProfilesFast,
  findNamesInBlocks,
  type ProfileSummary,
  type RowPlace,
  readDocumentPage,
} from '../store/profile-search.ts';
import { readSegmentNames } from '../store/segments.ts';
import { matchProfiles } from './match-profiles.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** How long one scan goes on reading. */
const budgetMs = 1_500;
/** How long an estimate goes on reading. */
const estimateMs = 1_000;
/** How long one statement of a scan may take, some twenty times what it takes. */
const statementMs = 3_000;
/** Scans at a time: each keeps a connection and a core busy. */
const maxScans = 3;
/** Documents of one statement: evaluating them holds up the event loop for some milliseconds. */
const documentsRead = 500;
/** Blocks of one statement, some ten thousand profiles. */
const blocksRead = 1_500;

/** How many profiles fulfil a rule. */
export type Estimate = {
  readonly size: number;
  readonly isExact: boolean;
  /** With a confidence of 95 % it is between them. */
  readonly low: number;
  readonly high: number;
  readonly profilesRead: number;
  /** Profiles there are. */
  readonly total: number;
};

const exactly = (size: number, total: number): Estimate => ({
  size,
  isExact: true,
  low: size,
  high: size,
  profilesRead: total,
  total,
});

/** Whether an id comes behind another in the order in which they are read. */
const isBehind = (profileId: string, other: string): boolean => {
  const [bucket, otherBucket] = [bucketOf(profileId), bucketOf(other)];
  return bucket === otherBucket ? profileId > other : bucket > otherBucket;
};

export type ScanAnswer<Place> = {
  readonly found: readonly ProfileSummary[];
  readonly profilesLookedAt: number;
  /** Where to go on; null when everyone was looked at. */
  readonly nextAfter: Place | null;
};

export type Scan<Place> = {
  /** Where an earlier scan ended. */
  readonly after: Place | undefined;
  /** It ends once it has found so many. */
  readonly limit: number;
  readonly signal: AbortSignal;
};

type Page<Place> = {
  readonly found: readonly (ProfileSummary & { readonly place: Place })[];
  readonly profilesRead: number;
  /** Undefined behind the last one. */
  readonly next: Place | undefined;
};
type ReadPage<Place> = (after: Place | undefined) => Promise<Page<Place>>;

/**
 * Looks for profiles by what no index knows: reads them for a limited time and tells how far it came, so that it
 * answers in the same time however many there are.
 */
export class ProfileScans {
  readonly #pool: pg.Pool;
  #running = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /**
   * Profiles that fulfil an expression, in the order of their ids. These are random: what was read is a fair sample.
   * @throws HeadraceError `invalid_input` when it is no rule over the union schema, `overloaded`.
   */
  async filter(expression: string, scan: Scan<string>): Promise<ScanAnswer<string>> {
    const rule = await this.#compile(expression);
    const now = new Date();
    return this.#run(scan, (trx) => async (after) => {
      const read = await readDocumentPage(trx, { after, limit: documentsRead });
      const found = (await matchProfiles(trx, rule, read, now)).map((profile) => ({
        ...profile,
        place: profile.profileId,
      }));
      const next = read.length === documentsRead ? read.at(-1)?.profileId : undefined;
      return { found, profilesRead: read.length, next };
    });
  }

  /**
   * How many profiles fulfil an expression: exact where all can be read in the time of a scan, else by a sample. Ids are
   * random, so that what is read from a random one on is a fair sample.
   * @throws HeadraceError `invalid_input` when it is no rule over the union schema, `overloaded`.
   */
  async estimate(expression: string, signal: AbortSignal): Promise<Estimate> {
    const rule = await this.#compile(expression);
    const { count: total } = await countProfilesFast(this.#pool);
    const now = new Date();
    const start = randomUUID();
    return this.#limit(async (trx) => {
      const endsAt = performance.now() + estimateMs;
      let [read, fitting] = [0, 0];
      let after: string | undefined = start;
      let isRound = false;
      do {
        const page: Awaited<ReturnType<typeof readDocumentPage>> = await readDocumentPage(trx, {
          after,
          limit: documentsRead,
        });
        // Around the end of the ids, and once there again no further.
        const taken: typeof page = isRound
          ? page.filter(({ profileId }) => !isBehind(profileId, start))
          : page;
        read += taken.length;
        fitting += (await matchProfiles(trx, rule, taken, now)).length;
        const isEnd: boolean = page.length < documentsRead || taken.length < page.length;
        if (isEnd && isRound) return exactly(fitting, read);
        isRound ||= isEnd;
        after = isEnd ? undefined : page.at(-1)?.profileId;
      } while (performance.now() < endsAt && !signal.aborted);
      if (read >= total) return exactly(fitting, read);
      const { low, high } = wilsonInterval(fitting, read);
      return {
        size: Math.round((fitting / Math.max(read, 1)) * total),
        isExact: false,
        low: Math.floor(low * total),
        high: Math.ceil(high * total),
        profilesRead: read,
        total,
      };
    });
  }

  /** Segments that `inSegment` may name are looked up. */
  async #compile(expression: string): Promise<SegmentRule> {
    const known = await readSegmentNames(this.#pool);
    return compileSegmentRule(expression, await readRuleSchema(this.#pool), undefined, known);
  }

  /**
   * Profiles whose name holds all of the words, as `parseSearch` gives them, in the order in which the table holds
   * them: one that changes between two scans may be missed by both.
   * @throws HeadraceError `overloaded`.
   */
  searchNames(words: readonly string[], scan: Scan<RowPlace>): Promise<ScanAnswer<RowPlace>> {
    return this.#run(scan, (trx) => async (after = { block: 0, position: 0 }) => {
      const endBlock = after.block + blocksRead;
      const { candidates, profilesRead } = await findNamesInBlocks(trx, { after, endBlock, words });
      const found = candidates.filter(({ name }) => matchesName(namesIn(name), words));
      const next = endBlock < (await countProfileBlocks(trx)) ? { block: endBlock, position: 0 } : undefined;
      return { found, profilesRead, next };
    });
  }

  #run<Place>(scan: Scan<Place>, readPages: (trx: Trx) => ReadPage<Place>): Promise<ScanAnswer<Place>> {
    return this.#limit((trx) => scanPages(scan, readPages(trx)));
  }

  async #limit<Result>(work: (trx: Trx) => Promise<Result>): Promise<Result> {
    if (this.#running >= maxScans)
      throw new HeadraceError('overloaded', 'Other searches over all profiles are running.', {
        retryAfterMs: 2_000,
      });
    this.#running += 1;
    try {
      return await readTogether(this.#pool, statementMs, work);
    } finally {
      this.#running -= 1;
    }
  }
}

async function scanPages<Place>(
  { after, limit, signal }: Scan<Place>,
  readPage: ReadPage<Place>,
): Promise<ScanAnswer<Place>> {
  const endsAt = performance.now() + budgetMs;
  const found: Page<Place>['found'][number][] = [];
  let profilesLookedAt = 0;
  let at = after;
  do {
    const page = await readPage(at);
    profilesLookedAt += page.profilesRead;
    found.push(...page.found);
    if (found.length > limit) {
      const kept = found.slice(0, limit);
      return { found: kept, profilesLookedAt, nextAfter: kept.at(-1)?.place ?? null };
    }
    at = page.next;
  } while (at !== undefined && found.length < limit && performance.now() < endsAt && !signal.aborted);
  return { found, profilesLookedAt, nextAfter: at ?? null };
}
