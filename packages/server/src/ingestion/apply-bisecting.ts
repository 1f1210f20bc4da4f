import type { ErrorDetail } from '@headrace/core';
import pg from 'pg';
import type { Trx } from '../store/database.ts';
import { applyOrKeep } from './keep-records.ts';
import type { PreparedRecord } from './prepared-record.ts';
import type { ProfileChangeListener } from './save-profiles.ts';

export type AppliedRecord =
  /** Without a profile when its dataset is not enabled for Profile. */
  | { readonly status: 'ingested'; readonly profileId: string | null }
  | { readonly status: 'failed'; readonly errors: readonly ErrorDetail[] };

/**
 * Applies records so that one the database refuses fails alone: the group is halved until it is found. Errors
 * that are not about data (a lost connection, a full disk) are thrown and nothing of the group is applied.
 */
export async function applyBisecting(
  trx: Trx,
  records: readonly PreparedRecord[],
  onChange: ProfileChangeListener,
  now: Date,
): Promise<readonly AppliedRecord[]> {
  if (records.length === 0) return [];
  await trx.query('savepoint records');
  try {
    const applied = await applyOrKeep(trx, records, onChange, now);
    await trx.query('release savepoint records');
    return applied;
  } catch (error) {
    if (!isRefusedData(error)) throw error;
    await trx.query('rollback to savepoint records');
    await trx.query('release savepoint records');
    if (records.length === 1)
      return [{ status: 'failed', errors: [{ pointer: '', keyword: 'storage', message: refusal(error) }] }];
    const half = records.length >> 1;
    return [
      ...(await applyBisecting(trx, records.slice(0, half), onChange, now)),
      ...(await applyBisecting(trx, records.slice(half), onChange, now)),
    ];
  }
}

/** SQLSTATE classes 22 (data exception) and 54 (program limit exceeded): the record's fault, not the server's. */
const isRefusedData = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError &&
  (error.code?.startsWith('22') || error.code?.startsWith('54')) === true;

const refusal = (error: pg.DatabaseError): string =>
  `The database cannot hold a value of this record (SQLSTATE ${error.code}). Look for characters or sizes that text does not allow.`;
