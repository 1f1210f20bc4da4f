import type pg from 'pg';
import { rows, transaction } from './database.ts';

const partitionLock = 0x50_41_52_54; // "PART"
/** Months made ahead, so that a program that runs on never writes into the default partition. */
const monthsAhead = 2;
/** Runs and records are kept for three whole months and the present one. */
const monthsKept = 3;

const prefix = 'delivery_outcome_';

/** Makes the monthly partitions of the delivery history that are due and drops those past their time. */
export async function maintainOutcomePartitions(pool: pg.Pool, now: Date): Promise<void> {
  const wanted = Array.from({ length: monthsAhead + 1 }, (_, ahead) => monthAt(now, ahead));
  const oldest = nameOf(monthAt(now, -monthsKept));
  await transaction(pool, async (trx) => {
    await trx.query('select pg_advisory_xact_lock($1)', [partitionLock]);
    const present = await rows<{ name: string }>(
      trx,
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'delivery_outcome'::regclass`,
    );
    const names = present.map((row) => row.name);
    for (const month of wanted) {
      const name = nameOf(month);
      if (names.includes(name)) continue;
      // Identifiers and bounds cannot be parameters; both are made of digits here.
      await trx.query(
        `create table ${name} partition of delivery_outcome
         for values from ('${month.toISOString()}') to ('${monthAt(month, 1).toISOString()}')`,
      );
    }
    for (const name of names)
      if (/^delivery_outcome_\d{6}$/.test(name) && name < oldest) await trx.query(`drop table ${name}`);
  });
}

const monthAt = (from: Date, offset: number): Date =>
  new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + offset, 1));

const nameOf = (month: Date): string => prefix + month.toISOString().slice(0, 7).replace('-', '');
