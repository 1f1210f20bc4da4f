import { type Db, maybeRow } from './database.ts';

export type BrowserSignInRow = {
  readonly stateHash: Buffer;
  readonly sealed: Buffer;
  readonly expiresAt: Date;
};

/** Keeps one, and forgets those that are too old to come back. */
export async function insertBrowserSignIn(db: Db, signIn: BrowserSignInRow, now: Date): Promise<void> {
  await db.query('delete from browser_sign_in where expires_at <= $1', [now]);
  await db.query('insert into browser_sign_in (state_hash, sealed, expires_at) values ($1, $2, $3)', [
    signIn.stateHash,
    signIn.sealed,
    signIn.expiresAt,
  ]);
}

/** Takes one out, so that it is used once; undefined where there is none, or it is too old. */
export async function takeBrowserSignIn(db: Db, stateHash: Buffer, now: Date): Promise<Buffer | undefined> {
  const row = await maybeRow<Pick<BrowserSignInRow, 'sealed' | 'expiresAt'>>(
    db,
    'delete from browser_sign_in where state_hash = $1 returning sealed, expires_at as "expiresAt"',
    [stateHash],
  );
  return row !== undefined && row.expiresAt > now ? row.sealed : undefined;
}
