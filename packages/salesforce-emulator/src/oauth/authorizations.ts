import type { OAuthScope } from '../definition/oauth-scope.ts';
import type { OrgState } from '../org/org-state.ts';
import { hashOf, isSameSecret, randomText } from './secrets.ts';

/** What an app asked the authorize page for, already checked. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly OAuthScope[];
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly loginHint: string;
  readonly mustConsent: boolean;
}

/** A request whose person is still signing in or deciding. `browser` is the cookie of the one who began it. */
export interface PendingAuthorization {
  readonly request: AuthorizationRequest;
  readonly browser: string;
  /** Set once the person has signed in. */
  readonly userId: string | undefined;
}

/** What a code stands for. */
export interface CodeGrant {
  readonly request: AuthorizationRequest;
  readonly userId: string;
}

/** The web server flow between its first call and its tokens, until the emulator ends. Instants in epoch ms. */
export interface Authorizations {
  /** Begins one; `id` goes into the page, `browser` into a cookie. */
  readonly begin: (
    request: AuthorizationRequest,
    instant: number,
  ) => { readonly id: string; readonly browser: string };
  /** A pending one, only for the browser that began it. */
  readonly find: (id: string, browser: string, instant: number) => PendingAuthorization | undefined;
  readonly signedIn: (id: string, userId: string) => void;
  readonly end: (id: string) => void;
  readonly issueCode: (grant: CodeGrant, instant: number) => string;
  /** The grant of a code, once; `spent` when it was used before or is too old. */
  readonly takeCode: (code: string, instant: number) => CodeGrant | 'unknown' | 'spent';
}

/** How long Salesforce keeps a code. */
const lifeMs = 15 * 60_000;
const maxKept = 10_000;

/** Adds an entry; the oldest goes when there are too many. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= maxKept) for (const oldest of map.keys()) if (map.delete(oldest)) break;
  map.set(key, value);
}

export function createAuthorizations(org: OrgState): Authorizations {
  const pending = new Map<string, PendingAuthorization & { readonly begunAt: number }>();
  const codes = new Map<string, { readonly grant: CodeGrant; readonly issuedAt: number; isUsed: boolean }>();
  return {
    begin: (request, instant) => {
      const [id, browser] = [randomText(org, 24), randomText(org, 24)];
      put(pending, id, { request, browser, userId: undefined, begunAt: instant });
      return { id, browser };
    },
    find: (id, browser, instant) => {
      const found = pending.get(id);
      if (found === undefined || instant >= found.begunAt + lifeMs) return undefined;
      return isSameSecret(browser, found.browser) ? found : undefined;
    },
    signedIn: (id, userId) => {
      const found = pending.get(id);
      if (found !== undefined) pending.set(id, { ...found, userId });
    },
    end: (id) => {
      pending.delete(id);
    },
    issueCode: (grant, instant) => {
      const code = `aPrx${randomText(org, 48)}`;
      put(codes, hashOf(code), { grant, issuedAt: instant, isUsed: false });
      return code;
    },
    takeCode: (code, instant) => {
      const found = codes.get(hashOf(code));
      if (found === undefined) return 'unknown';
      if (found.isUsed || instant >= found.issuedAt + lifeMs) return 'spent';
      found.isUsed = true;
      return found.grant;
    },
  };
}
