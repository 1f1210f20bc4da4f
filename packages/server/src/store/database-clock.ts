import { type Db, maybeRow } from './database.ts';

/**
 * The time of the database, which all servers share, whatever the clocks of their machines say. Between two looks at it
 * the time that passes is measured, so that a clock that is put right here changes nothing.
 */
export class DatabaseClock {
  readonly #db: Db;
  #atMs = 0;
  #sinceMs = 0;

  private constructor(db: Db) {
    this.#db = db;
  }

  static async open(db: Db): Promise<DatabaseClock> {
    const clock = new DatabaseClock(db);
    await clock.look();
    return clock;
  }

  /** To be called every few seconds: a machine that slept measured nothing. */
  async look(): Promise<void> {
    const askedMs = performance.now();
    const found = await maybeRow<{ at: Date }>(this.#db, 'select clock_timestamp() as at', []);
    if (found === undefined) return;
    this.#sinceMs = (askedMs + performance.now()) / 2;
    this.#atMs = found.at.getTime();
  }

  readonly now = (): Date => new Date(this.#atMs + performance.now() - this.#sinceMs);
}
