import { clockAt, compileSegmentRule, HeadraceError, matchesName, namesIn, subjectOf } from '@headrace/core';
import type pg from 'pg';
import { isTimeout, readTogether, type Trx } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import {
  countProfileBlocks,
  findNamesInBlocks,
  type ProfileSummary,
  type RowPlace,
  readDocumentPage,
} from '../store/profile-search.ts';

/** How long one scan goes on reading. */
const budgetMs = 1_500;
/** How long one statement of a scan may take, some twenty times what it takes. */
const statementMs = 3_000;
/** Scans at a time: each keeps a connection and a core busy. */
const maxScans = 3;
/** Documents of one statement: evaluating them holds up the event loop for some milliseconds. */
const documentsRead = 500;
/** Blocks of one statement, some ten thousand profiles. */
const blocksRead = 1_500;

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
    const rule = compileSegmentRule(expression, await readRuleSchema(this.#pool));
    const clock = clockAt(new Date());
    return this.#run(scan, (trx) => async (after) => {
      const read = await readDocumentPage(trx, { after, limit: documentsRead });
      const found = read
        .filter(({ document }) => rule.evaluate(subjectOf(document), clock))
        .map((profile) => ({ ...profile, place: profile.profileId }));
      const next = read.length === documentsRead ? read.at(-1)?.profileId : undefined;
      return { found, profilesRead: read.length, next };
    });
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

  async #run<Place>(scan: Scan<Place>, readPages: (trx: Trx) => ReadPage<Place>): Promise<ScanAnswer<Place>> {
    if (this.#running >= maxScans) throw overloaded('Other searches over all profiles are running.');
    this.#running += 1;
    try {
      return await readTogether(this.#pool, statementMs, (trx) => scanPages(scan, readPages(trx)));
    } catch (error) {
      if (isTimeout(error)) throw overloaded('The database is too busy to look through profiles.');
      throw error;
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

const overloaded = (message: string): HeadraceError =>
  new HeadraceError('overloaded', message, { retryAfterMs: 2_000 });
