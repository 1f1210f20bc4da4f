import type { SecretStore } from '@headrace/core';
import { parseJson } from '../../http/parse-json.ts';
import type { TokenAnswer } from '../token-answer.ts';
import { type AccountValues, textOf } from './sign-in-way.ts';

/**
 * The shortest time-out of sessions that an org can set, in milliseconds: what another server opened more recently
 * can still be used. Source: Salesforce Help, "Modify Session Security Settings".
 */
const sureLifeMs = 15 * 60_000;

/**
 * Sessions opened with a refresh token. Where an app rotates refresh tokens, each works once, ends the session opened
 * before it, and a second use revokes everything (Salesforce Help, "Force one-time-use Refresh Tokens"). So they are
 * used one at a time over all servers; the new one is stored before anything relies on it; and the session is stored
 * with it, for other servers to use.
 */
export class RefreshedTokens {
  readonly #store: SecretStore;
  readonly #now: () => Date;
  /** What came in place of a refresh token and could not be stored yet. */
  #unsaved: { readonly spent: string; readonly changed: AccountValues } | undefined;

  constructor(store: SecretStore, now: () => Date) {
    this.#store = store;
    this.#now = now;
  }

  /**
   * @param ask uses the refresh token of the values
   * @param unless the session not wanted any more; `any` where only a new one will do
   */
  async open(
    ask: (values: AccountValues) => Promise<TokenAnswer>,
    unless: string | undefined,
  ): Promise<TokenAnswer> {
    const token = await this.#store.renew(async (stored) => {
      const unsaved = this.#unsaved?.spent === textOf(stored, 'refresh_token') ? this.#unsaved.changed : {};
      const values = { ...stored, ...unsaved };
      const shared = unless === 'any' ? undefined : this.#readSession(values.session);
      if (shared !== undefined && shared.accessToken !== unless) return { changed: unsaved, result: shared };
      const result = await ask(values);
      const changed = {
        session: this.#writeSession(result),
        refresh_token: result.refreshToken ?? textOf(values, 'refresh_token'),
      };
      this.#unsaved = { spent: textOf(stored, 'refresh_token'), changed };
      return { changed, result };
    });
    this.#unsaved = undefined;
    return token;
  }

  #writeSession({ accessToken, instanceUrl, organizationId, scopes }: TokenAnswer): string {
    const openedAt = this.#now().toISOString();
    return JSON.stringify({ accessToken, instanceUrl, organizationId, scopes, openedAt });
  }

  /** Undefined for one that may have ended. */
  #readSession(text: string | undefined): TokenAnswer | undefined {
    const session = parseJson(text ?? '');
    if (!isSession(session)) return undefined;
    const { openedAt, ...token } = session;
    const ageMs = this.#now().getTime() - Date.parse(openedAt);
    return ageMs >= 0 && ageMs < sureLifeMs ? { ...token, refreshToken: null } : undefined;
  }
}

type StoredSession = Omit<TokenAnswer, 'refreshToken'> & { readonly openedAt: string };

/** It was written here and sealed since, so its members are looked at only as far as versions may differ. */
function isSession(value: unknown): value is StoredSession {
  if (typeof value !== 'object' || value === null) return false;
  const texts = ['accessToken', 'instanceUrl', 'organizationId', 'openedAt'];
  return texts.every((name) => typeof Object.entries(value).find(([key]) => key === name)?.[1] === 'string');
}
