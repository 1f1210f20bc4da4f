import { randomInt, randomUUID } from 'node:crypto';
import type { BucketRange } from '@headrace/core';
import pg from 'pg';
import { acquireLeases, releaseLeases } from '../store/bucket-leases.ts';

/** How long a lease lasts without being renewed. A request's deadline is shorter than what is left of it. */
export const leaseTtlMs = 180_000;
const queryTimeoutMs = 10_000;

/**
 * Holds leases on bucket ranges for one worker. Its session holds an advisory lock for as long as the process
 * lives, so that after a crash another worker need not wait for the leases to run out.
 */
export class LeaseKeeper {
  readonly ownerId = randomUUID();
  readonly #config: pg.ClientConfig;
  #session: pg.Client | undefined;
  /** New for each session: the server may hold the lock of a lost one for hours. */
  #sessionKey = 0;

  constructor(config: pg.ClientConfig) {
    this.#config = config;
  }

  /** Takes what is free and renews what is held: ranges in order, neighbours joined. */
  async renew(): Promise<readonly BucketRange[]> {
    const session = await this.#openSession();
    try {
      const owner = { ownerId: this.ownerId, sessionKey: this.#sessionKey };
      return joinRanges(await acquireLeases(session, owner, leaseTtlMs));
    } catch (error) {
      this.#session = undefined;
      await session.end().catch(() => undefined);
      throw error;
    }
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    try {
      await releaseLeases(session, this.ownerId);
    } finally {
      await session.end();
    }
  }

  async #openSession(): Promise<pg.Client> {
    if (this.#session !== undefined) return this.#session;
    const session = new pg.Client({
      ...this.#config,
      application_name: 'headrace leases',
      query_timeout: queryTimeoutMs,
    });
    session.on('error', () => {
      if (this.#session === session) this.#session = undefined;
    });
    session.on('end', () => {
      if (this.#session === session) this.#session = undefined;
    });
    const sessionKey = randomInt(2 ** 47);
    try {
      await session.connect();
      await session.query('select pg_advisory_lock($1::bigint)', [sessionKey]);
    } catch (error) {
      await session.end().catch(() => undefined);
      throw error;
    }
    this.#sessionKey = sessionKey;
    this.#session = session;
    return session;
  }
}

export function joinRanges(ranges: readonly BucketRange[]): BucketRange[] {
  const joined: BucketRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.firstBucket - b.firstBucket)) {
    const last = joined.at(-1);
    if (last !== undefined && range.firstBucket === last.lastBucket + 1)
      joined[joined.length - 1] = { firstBucket: last.firstBucket, lastBucket: range.lastBucket };
    else joined.push(range);
  }
  return joined;
}
