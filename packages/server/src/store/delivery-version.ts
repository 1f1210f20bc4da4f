import { type Db, preparedRows } from './database.ts';

/**
 * The next version of what is sent to destinations. Draw it before the profiles are read that decide what is sent, in
 * the same transaction: others then wait for that transaction, and a higher version is of newer profiles.
 */
export async function nextDeliveryVersion(db: Db): Promise<number> {
  const [row] = await preparedRows<{ version: number }>(
    db,
    `update delivery_version
     set version = greatest(version + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
     returning version`,
  );
  if (row === undefined) throw new Error('The table delivery_version has lost its row.');
  return row.version;
}
