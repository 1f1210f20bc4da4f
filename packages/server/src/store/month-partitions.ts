import { type Db, maybeRow, rows, type Trx } from './database.ts';

/** Months made ahead, so that a program that runs on never writes into the default partition. */
const monthsAhead = 2;

export type MonthlyTable = {
  /** Partitioned by range of `column`, with a partition `<name>_default`. */
  readonly name: string;
  readonly column: string;
  /** The oldest month that is to have a partition; the present one when left out. */
  readonly since?: Date;
  /** Partitions that end by then are dropped; none when left out. */
  readonly keepSince: Date | undefined;
  /** Rows past their time go otherwise, and their partition after them. */
  readonly isOnlyDroppedEmpty?: boolean;
};

export type MonthPartition = {
  readonly name: string;
  /** First instant of its month; undefined of the default partition. */
  readonly month: Date | undefined;
};

/** Makes the monthly partitions that are due and drops those past their time. */
export async function maintainMonths(trx: Trx, table: MonthlyTable, now: Date): Promise<void> {
  const names = new Set((await listMonths(trx, table.name)).map(({ name }) => name));
  for (
    let month = monthAt(table.since ?? now, 0);
    month <= monthAt(now, monthsAhead);
    month = monthAt(month, 1)
  )
    if (!names.has(nameOf(table, month))) await makePartition(trx, table, month);
  for (const { name, month } of await listMonths(trx, table.name))
    if (
      month !== undefined &&
      table.keepSince !== undefined &&
      monthAt(month, 1) <= table.keepSince &&
      !(table.isOnlyDroppedEmpty === true && (await holdsRows(trx, name)))
    )
      await trx.query(`drop table ${name}`);
}

const holdsRows = async (trx: Trx, partition: string): Promise<boolean> =>
  (await maybeRow(trx, `select from ${partition} limit 1`)) !== undefined;

/** The partitions of a table, oldest first, the default one last. */
export async function listMonths(db: Db, table: string): Promise<MonthPartition[]> {
  const found = await rows<{ name: string }>(
    db,
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass order by c.relname collate "C"`,
    [table],
  );
  return found.map(({ name }) => {
    const digits = /_(\d{4})(\d{2})$/.exec(name);
    return { name, month: digits ? new Date(`${digits[1]}-${digits[2]}-01T00:00:00Z`) : undefined };
  });
}

/** Identifiers and bounds cannot be parameters; here they are words of this file and digits. */
async function makePartition(trx: Trx, table: MonthlyTable, month: Date): Promise<void> {
  const name = nameOf(table, month);
  const from = month.toISOString();
  const to = monthAt(month, 1).toISOString();
  const values = `for values from ('${from}') to ('${to}')`;
  const isWithin = `${table.column} >= '${from}' and ${table.column} < '${to}'`;
  const defaults = `${table.name}_default`;
  const waiting = await maybeRow(trx, `select from ${defaults} where ${isWithin} limit 1`);
  if (waiting === undefined) {
    await trx.query(`create table ${name} partition of ${table.name} ${values}`);
    return;
  }
  // Rows that came before their month had a partition move into it.
  await trx.query(`create table ${name} (like ${table.name} including all excluding identity)`);
  await trx.query(
    `with moved as (delete from ${defaults} where ${isWithin} returning *) insert into ${name} select * from moved`,
  );
  await trx.query(`alter table ${table.name} attach partition ${name} ${values}`);
}

/** The first instant of the month so many months after that of `from`, in UTC. */
export const monthAt = (from: Date, offset: number): Date =>
  new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + offset, 1));

const nameOf = (table: MonthlyTable, month: Date): string =>
  `${table.name}_${month.toISOString().slice(0, 7).replace('-', '')}`;
