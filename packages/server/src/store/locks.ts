import { preparedRows, type Trx } from './database.ts';

const profileWrites = 0x50_52_4f_46; // "PROF"
const schemaWrites = 0x53_43_48_45; // "SCHE"
const namespaceWrites = 0x4e_41_4d_45; // "NAME"
const accountSecrets = 0x53_45_43_52; // "SECR"

/**
 * Takes the right to change profiles, memberships, due marks, match claims and run counters until the transaction
 * ends. Ingestion, evaluation, backfill, claims and settlements all take it first, so that none of them waits for
 * another in a ring and none decides on rows that another is changing.
 *
 * One writer at a time: identities connect any two profiles, so that finer locks need an order across the
 * whole graph; one connection already reaches some 14,000 profiles a second. Whoever creates a segment or an
 * activation takes it too, so that every later write sees the new rule and every earlier one is visible to
 * the pass over the population that follows.
 */
export async function lockProfileWrites(trx: Trx): Promise<void> {
  await preparedRows(trx, 'select pg_advisory_xact_lock($1)', [profileWrites]);
}

/**
 * Takes the right to change schemas and field groups until the transaction ends: whether two of them clash can
 * only be said while nobody else changes one.
 */
export async function lockSchemaWrites(trx: Trx): Promise<void> {
  await trx.query('select pg_advisory_xact_lock($1)', [schemaWrites]);
}

/** Takes the right to change identity namespaces: codes and titles are unique whatever their case. */
export async function lockNamespaceWrites(trx: Trx): Promise<void> {
  await trx.query('select pg_advisory_xact_lock($1)', [namespaceWrites]);
}

/**
 * Takes the right to change the secrets of an account until the transaction ends. No row is locked: while the
 * destination is asked for new ones, calls of the account are counted, which locks its row.
 */
export async function lockAccountSecrets(trx: Trx, accountId: string): Promise<void> {
  // Accounts whose ids hash alike wait for each other, which does no harm.
  await trx.query('select pg_advisory_xact_lock($1, hashtext($2))', [accountSecrets, accountId]);
}
