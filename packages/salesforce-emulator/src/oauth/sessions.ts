import type { OAuthScope } from '../definition/oauth-scope.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { integerOf, type Row } from '../store/database.ts';
import { parseScopeText, type RestAccess, restAccessOf, scopeText } from './scopes.ts';
import { hashOf, randomText } from './secrets.ts';

/** Who a token stands for. Instants in epoch milliseconds; a session ends when idle for its time-out. */
export interface Session {
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly OAuthScope[];
  readonly restAccess: RestAccess;
  readonly timeoutMs: number;
  readonly issuedAt: number;
  readonly usedAt: number;
}

/** What a session is opened for. `refreshHash` is of the refresh token it came with or from. */
export interface SessionRequest {
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly OAuthScope[];
  /** The org's time-out when left out. */
  readonly timeoutMinutes?: number | undefined;
  readonly refreshHash?: string | undefined;
}

/** The org's sessions, kept in its data folder by the hash of their token. */
export interface Sessions {
  /** A new access token: `<15-character org id>!<random>`. */
  readonly open: (request: SessionRequest) => string;
  readonly find: (token: string) => Session | undefined;
  readonly revoke: (token: string) => boolean;
  /** Ends the sessions that came from a refresh token. */
  readonly revokeOf: (refreshHash: string) => void;
  /** Ends every session, or those of one user; gives their number. */
  readonly expireAll: (userId?: string) => number;
}

/** How stale the stored time of last use may get, so that not every call writes it. */
const usedAtGranularityMs = 30_000;
const maxCached = 10_000;
/** After so many new sessions those that ended by themselves are removed: many a one is never used again. */
const tidyEvery = 1_000;

const sessionOf = (row: Row): Session => {
  const scopes = parseScopeText(String(row.scopes));
  return {
    userId: String(row.user_id),
    clientId: String(row.client_id),
    scopes,
    restAccess: restAccessOf(scopes),
    timeoutMs: integerOf(row.timeout_ms),
    issuedAt: integerOf(row.issued_at),
    usedAt: integerOf(row.used_at),
  };
};

export function createSessions(org: OrgState): Sessions {
  const { database } = org;
  const cache = new Map<string, Session>();
  const load = (hash: string): Session | undefined => {
    const row = database.prepare('select * from _access_token where token_hash = ?').get(hash);
    return row === undefined ? undefined : sessionOf(row);
  };
  const remove = (hash: string): boolean => {
    cache.delete(hash);
    return database.prepare('delete from _access_token where token_hash = ?').run(hash).changes > 0;
  };
  const keep = (hash: string, session: Session): void => {
    if (cache.size >= maxCached) cache.clear();
    cache.set(hash, session);
  };
  let opened = 0;
  const tidy = (): void => {
    if (opened++ % tidyEvery !== 0) return;
    database.prepare('delete from _access_token where used_at + timeout_ms < ?').run(now(org));
  };
  return {
    open: ({ userId, clientId, scopes, timeoutMinutes, refreshHash }) => {
      tidy();
      const instant = now(org);
      const token = `${org.organizationId.slice(0, 15)}!AQ4${randomText(org, 72)}`;
      const timeoutMs = (timeoutMinutes ?? org.definition.sessionTimeoutMinutes) * 60_000;
      database
        .prepare(
          'insert into _access_token (token_hash, user_id, client_id, scopes, refresh_hash, timeout_ms, issued_at, used_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          hashOf(token),
          userId,
          clientId,
          scopeText(scopes),
          refreshHash ?? null,
          timeoutMs,
          instant,
          instant,
        );
      return token;
    },
    find: (token) => {
      const hash = hashOf(token);
      const session = cache.get(hash) ?? load(hash);
      if (session === undefined) return undefined;
      const instant = now(org);
      if (instant - session.usedAt > session.timeoutMs) {
        remove(hash);
        return undefined;
      }
      if (!cache.has(hash) || instant - session.usedAt > usedAtGranularityMs) {
        database.prepare('update _access_token set used_at = ? where token_hash = ?').run(instant, hash);
        keep(hash, { ...session, usedAt: instant });
      }
      return session;
    },
    revoke: (token) => remove(hashOf(token)),
    revokeOf: (refreshHash) => {
      cache.clear();
      database.prepare('delete from _access_token where refresh_hash = ?').run(refreshHash);
    },
    expireAll: (userId) => {
      cache.clear();
      const statement = database.prepare('delete from _access_token where ?1 is null or user_id = ?1');
      return Number(statement.run(userId ?? null).changes);
    },
  };
}
