import { createHash } from 'node:crypto';
import { integerOf } from '../store/database.ts';
import { now, type OrgState } from './org-state.ts';

/** Who a token stands for. `usedAt` in epoch milliseconds; a session ends when idle for the org's time-out. */
export interface Session {
  readonly userId: string;
  readonly clientId: string;
  readonly usedAt: number;
}

/** The org's sessions, kept in its data folder by the hash of their token. */
export interface Sessions {
  /** A new access token: `<15-character org id>!<random>`. */
  readonly open: (userId: string, clientId: string) => string;
  readonly find: (token: string) => Session | undefined;
  readonly revoke: (token: string) => boolean;
  readonly expireAll: () => number;
}

/** How stale the stored time of last use may get, so that not every call writes it. */
const usedAtGranularityMs = 30_000;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export function createSessions(org: OrgState): Sessions {
  const { database } = org;
  const timeoutMs = org.definition.sessionTimeoutMinutes * 60_000;
  const cache = new Map<string, Session>();
  const load = (hash: string): Session | undefined => {
    const row = database
      .prepare('select user_id, client_id, used_at from _session where token_hash = ?')
      .get(hash);
    if (row === undefined) return undefined;
    return { userId: String(row.user_id), clientId: String(row.client_id), usedAt: integerOf(row.used_at) };
  };
  const remove = (hash: string): boolean => {
    cache.delete(hash);
    return database.prepare('delete from _session where token_hash = ?').run(hash).changes > 0;
  };
  return {
    open: (userId, clientId) => {
      const instant = now(org);
      const secret = org.randomBytes(72).toString('base64').replaceAll('+', '.').replaceAll('/', '_');
      const token = `${org.organizationId.slice(0, 15)}!AQ4${secret}`;
      database
        .prepare(
          'insert into _session (token_hash, user_id, client_id, issued_at, used_at) values (?, ?, ?, ?, ?)',
        )
        .run(hashOf(token), userId, clientId, instant, instant);
      return token;
    },
    find: (token) => {
      const hash = hashOf(token);
      const session = cache.get(hash) ?? load(hash);
      if (session === undefined) return undefined;
      const instant = now(org);
      if (instant - session.usedAt > timeoutMs) {
        remove(hash);
        return undefined;
      }
      if (!cache.has(hash) || instant - session.usedAt > usedAtGranularityMs) {
        database.prepare('update _session set used_at = ? where token_hash = ?').run(instant, hash);
        cache.set(hash, { ...session, usedAt: instant });
      }
      return session;
    },
    revoke: (token) => remove(hashOf(token)),
    expireAll: () => {
      cache.clear();
      return Number(database.prepare('delete from _session').run().changes);
    },
  };
}
