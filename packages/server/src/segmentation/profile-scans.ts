import { compileSegmentRule, HeadraceError, type JsonObject, matchesName, namesIn } from '@headrace/core';
import type pg from 'pg';
import { isTimeout, readTogether, type Trx } from '../store/database.ts';
import { readUnionSchema } from '../store/dataset-contexts.ts';
import { findNamesInPage, type ProfileSummary, readDocumentPage } from '../store/profile-search.ts';

/** How long one scan goes on reading. */
const budgetMs = 1_500;
/** How long one statement of a scan may take, some twenty times what it takes. */
const statementMs = 3_000;
/** Scans at a time: each keeps a connection and a core busy. */
const maxScans = 3;
/** Rows of one statement. */
const documentsRead = 500;
const namesRead = 10_000;

export type ScanAnswer = {
  readonly found: readonly ProfileSummary[];
  readonly profilesLookedAt: number;
  /** Where to go on; null when everyone was looked at. */
  readonly nextAfter: string | null;
};

export type Scan = {
  /** The profile that an earlier scan ended at. */
  readonly after: string | undefined;
  /** It ends once it has found so many. */
  readonly limit: number;
  readonly signal: AbortSignal;
};

type Page = {
  readonly found: readonly ProfileSummary[];
  readonly profilesRead: number;
  readonly last: string | undefined;
};

/**
 * Looks for profiles by what no index knows: reads them in the order of their ids for a limited time and tells how
 * far it came, so that it answers in the same time however many there are. Ids are random: what it has read is a
 * fair sample.
 */
export class ProfileScans {
  readonly #pool: pg.Pool;
  #running = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /**
   * Profiles that fulfil an expression.
   * @throws HeadraceError `invalid_input` when it is no rule over the union schema, `overloaded`.
   */
  async filter(expression: string, scan: Scan): Promise<ScanAnswer> {
    const rule = compileSegmentRule(expression, await readUnionSchema(this.#pool));
    return this.#scan(scan, async (trx, after) => {
      const read = await readDocumentPage(trx, { after, limit: documentsRead });
      const found = read.filter(({ document }: { document: JsonObject }) => rule.evaluate(document));
      return { found, profilesRead: read.length, last: lastOf(read, documentsRead) };
    });
  }

  /** Profiles whose name holds all of the words, as `parseSearch` gives them. @throws HeadraceError `overloaded`. */
  searchNames(words: readonly string[], scan: Scan): Promise<ScanAnswer> {
    return this.#scan(scan, async (trx, after) => {
      const page = await findNamesInPage(trx, { after, limit: namesRead, words });
      return {
        found: page.candidates.filter(({ name }) => matchesName(namesIn(name), words)),
        profilesRead: page.profilesRead,
        last: page.profilesRead === namesRead ? page.last : undefined,
      };
    });
  }

  async #scan(
    scan: Scan,
    readPage: (trx: Trx, after: string | undefined) => Promise<Page>,
  ): Promise<ScanAnswer> {
    if (this.#running >= maxScans) throw overloaded('Other searches over all profiles are running.');
    this.#running += 1;
    try {
      return await readTogether(this.#pool, statementMs, (trx) => readPages(scan, trx, readPage));
    } catch (error) {
      if (isTimeout(error)) throw overloaded('The database is too busy to look through profiles.');
      throw error;
    } finally {
      this.#running -= 1;
    }
  }
}

async function readPages(
  { after, limit, signal }: Scan,
  trx: Trx,
  readPage: (trx: Trx, after: string | undefined) => Promise<Page>,
): Promise<ScanAnswer> {
  const endsAt = performance.now() + budgetMs;
  const found: ProfileSummary[] = [];
  let profilesLookedAt = 0;
  let at = after;
  do {
    const page = await readPage(trx, at);
    profilesLookedAt += page.profilesRead;
    found.push(...page.found);
    if (found.length > limit) {
      const kept = found.slice(0, limit);
      return { found: kept, profilesLookedAt, nextAfter: kept.at(-1)?.profileId ?? null };
    }
    at = page.last;
  } while (at !== undefined && found.length < limit && performance.now() < endsAt && !signal.aborted);
  return { found, profilesLookedAt, nextAfter: at ?? null };
}

/** A page that is not full is the last one. */
const lastOf = (read: readonly ProfileSummary[], limit: number): string | undefined =>
  read.length === limit ? read.at(-1)?.profileId : undefined;

const overloaded = (message: string): HeadraceError =>
  new HeadraceError('overloaded', message, { retryAfterMs: 2_000 });
