import { type Database, integerOf } from '../store/database.ts';
import type { OrgState } from './org-state.ts';

/** What an org remembers of itself from one start to the next, in its only row. */
export const lifeTable = `
  create table if not exists _org_life (
    id integer primary key check (id = 1), starts integer not null, clock_offset_ms integer not null, frozen_at integer
  );
  insert or ignore into _org_life values (1, 0, 0, null);
`;

/** Counts a start and answers how many there were before. */
export function countStart(database: Database): number {
  const row = database.prepare('update _org_life set starts = starts + 1 returning starts - 1 as n').get();
  return integerOf(row?.n);
}

/** The org's time as an administrator moved or stopped it: it stays so over a restart. */
export function readClock(database: Database): Pick<OrgState, 'clockOffsetMs' | 'frozenAt'> {
  const row = database.prepare('select clock_offset_ms, frozen_at from _org_life').get();
  return {
    clockOffsetMs: integerOf(row?.clock_offset_ms),
    frozenAt: typeof row?.frozen_at === 'number' ? row.frozen_at : undefined,
  };
}

/** Keeps how the clock stands. */
export function writeClock({ database, clockOffsetMs, frozenAt }: OrgState): void {
  database
    .prepare('update _org_life set clock_offset_ms = ?, frozen_at = ?')
    .run(clockOffsetMs, frozenAt ?? null);
}
