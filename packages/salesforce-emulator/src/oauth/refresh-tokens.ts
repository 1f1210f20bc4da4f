import type { ConnectedApp } from '../definition/connected-apps.ts';
import type { OAuthScope } from '../definition/oauth-scope.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { integerOf } from '../store/database.ts';
import { parseScopeText, scopeText } from './scopes.ts';
import { hashOf, randomText } from './secrets.ts';

/** What a refresh token stands for; instants in epoch milliseconds. */
export interface RefreshToken {
  readonly hash: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly OAuthScope[];
  readonly issuedAt: number;
  readonly usedAt: number;
}

/** A user has this many tokens with an app; one more ends the oldest. Source: Salesforce Help, "Manage OAuth Access". */
const maxPerUser = 5;
const hourMs = 3_600_000;

/** A new refresh token. Those of the same user and app beyond five are gone; their hashes are in `ended`. */
export function issueRefreshToken(
  org: OrgState,
  userId: string,
  clientId: string,
  scopes: readonly OAuthScope[],
): { readonly token: string; readonly hash: string; readonly ended: readonly string[] } {
  const token = `5Aep861${randomText(org, 60)}`;
  const hash = hashOf(token);
  const instant = now(org);
  const { database } = org;
  database
    .prepare(
      'insert into _refresh_token (token_hash, user_id, client_id, scopes, issued_at, used_at) values (?, ?, ?, ?, ?, ?)',
    )
    .run(hash, userId, clientId, scopeText(scopes), instant, instant);
  const ended = database
    .prepare(
      'select token_hash from _refresh_token where user_id = ? and client_id = ? order by rowid desc limit -1 offset ?',
    )
    .all(userId, clientId, maxPerUser)
    .map((row) => String(row.token_hash));
  for (const old of ended) removeRefreshToken(org, old);
  return { token, hash, ended };
}

/** A refresh token that was issued and not revoked, whatever its age. */
export function findRefreshToken(org: OrgState, token: string): RefreshToken | undefined {
  const hash = hashOf(token);
  const row = org.database.prepare('select * from _refresh_token where token_hash = ?').get(hash);
  if (row === undefined) return undefined;
  return {
    hash,
    userId: String(row.user_id),
    clientId: String(row.client_id),
    scopes: parseScopeText(String(row.scopes)),
    issuedAt: integerOf(row.issued_at),
    usedAt: integerOf(row.used_at),
  };
}

/** Whether the app's policy still lets the token be used at this instant. */
export function isRefreshTokenAlive(app: ConnectedApp, token: RefreshToken, instant: number): boolean {
  const { refreshTokenLifeHours: life, refreshTokenIdleHours: idle } = app;
  if (life !== undefined && instant >= token.issuedAt + life * hourMs) return false;
  return idle === undefined || instant < token.usedAt + idle * hourMs;
}

/** Notes that the token was used now. */
export const touchRefreshToken = (org: OrgState, hash: string): void => {
  org.database.prepare('update _refresh_token set used_at = ? where token_hash = ?').run(now(org), hash);
};

/** Ends the token; sessions that came from it are the caller's to end. */
export const removeRefreshToken = (org: OrgState, hash: string): void => {
  org.database.prepare('delete from _refresh_token where token_hash = ?').run(hash);
};
