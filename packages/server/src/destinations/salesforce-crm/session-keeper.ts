import { type DestinationPorts, HeadraceError } from '@headrace/core';
import { parseJson } from '../http/parse-json.ts';
import type { SalesforceAccount } from './account-fields.ts';
import { chooseApiVersion } from './api-version.ts';
import { type CallFacts, classifyStrangeAnswer } from './classify-failure.ts';
import type { CountedHttp } from './counted-http.ts';
import { type HostPolicy, resolveInstanceOrigin } from './host-policy.ts';
import { orAborted } from './or-aborted.ts';
import { RefreshedTokens } from './sign-in/refreshed-tokens.ts';
import { requestToken } from './sign-in/request-token.ts';
import type { AccountValues } from './sign-in/sign-in-way.ts';
import type { TokenAnswer } from './token-answer.ts';

/** An opened session of one user in one org. */
export type Session = {
  readonly accessToken: string;
  readonly instanceOrigin: string;
  readonly organizationId: string;
  readonly apiVersion: string;
  /** What it may do; null where that was not told. */
  readonly scopes: readonly string[] | null;
};

const signInTimeoutMs = 30_000;
/** Salesforce locks users out after a few wrong passwords: a refusal is remembered this long. */
const refusalMemoryMs = 60_000;

/** Signs in when a session is needed, once for all who wait. Tokens stay in memory, but for those that refresh tokens open. */
export class SessionKeeper {
  readonly #account: SalesforceAccount;
  readonly #policy: HostPolicy;
  readonly #ports: DestinationPorts;
  readonly #http: CountedHttp;
  readonly #closing = new AbortController();
  readonly #refreshed: RefreshedTokens;
  #session: Session | undefined;
  /** Token of the session that has ended, or `any` where only a new one will do. */
  #unwanted: string | undefined;
  #organizationId: string | null;
  #opening: Promise<Session> | undefined;
  #refused: { readonly error: HeadraceError; readonly untilMs: number } | undefined;

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts, http: CountedHttp) {
    this.#account = account;
    this.#organizationId = account.organizationId;
    this.#policy = policy;
    this.#ports = ports;
    this.#http = http;
    this.#refreshed = new RefreshedTokens(ports.secrets, ports.now);
  }

  /** The session in use; opens one where there is none. */
  async current(signal: AbortSignal): Promise<Session> {
    if (this.#session !== undefined) return this.#session;
    if (this.#refused !== undefined && this.#ports.now().getTime() < this.#refused.untilMs)
      throw this.#refused.error;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return orAborted(this.#opening, signal, 'for the sign-in to Salesforce');
  }

  /** Another session than the one that has ended; the one opened meanwhile by someone else will do. */
  replace(ended: Session, signal: AbortSignal): Promise<Session> {
    if (this.#session === ended) {
      this.#session = undefined;
      this.#unwanted = ended.accessToken;
    }
    return this.current(signal);
  }

  /** Signs in whatever is known, as a person wants who has just corrected the account. */
  async openAfresh(signal: AbortSignal): Promise<Session> {
    // What is under way may have been started before the correction.
    await this.#opening?.catch(() => undefined);
    this.#refused = undefined;
    this.#session = undefined;
    this.#unwanted = 'any';
    return this.current(signal);
  }

  /** Gives up a sign-in under way, unless a refresh token would be lost with it: that is waited for. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#opening?.catch(() => undefined);
  }

  async #open(): Promise<Session> {
    try {
      const session = await this.#signIn();
      this.#session = session;
      this.#unwanted = undefined;
      return session;
    } catch (error) {
      if (error instanceof HeadraceError && error.code === 'destination_authentication_rejected')
        this.#refused = { error, untilMs: this.#ports.now().getTime() + refusalMemoryMs };
      throw error;
    }
  }

  /** Not bound to the signal of one caller: others wait for it too. */
  async #signIn(): Promise<Session> {
    const timeout = AbortSignal.timeout(signInTimeoutMs);
    const signal = AbortSignal.any([this.#closing.signal, timeout]);
    // The answer may bring a refresh token in place of the one it took.
    const token = await this.#openToken(this.#account.way.hasRefreshToken ? timeout : signal);
    const { accessToken, instanceUrl, organizationId, scopes } = token;
    const instanceOrigin = resolveInstanceOrigin(instanceUrl, this.#policy);
    this.#requireSameOrg(organizationId);
    const apiVersion = await this.#findApiVersion(instanceOrigin, signal);
    this.#ports.log.info({ instance_url: instanceOrigin, organization_id: organizationId }, 'Signed in.');
    return { accessToken, instanceOrigin, organizationId, apiVersion, scopes };
  }

  #openToken(signal: AbortSignal): Promise<TokenAnswer> {
    const { way, values, loginOrigin, secrets } = this.#account;
    const ask = (present: AccountValues): Promise<TokenAnswer> => {
      const form = way.form(present, loginOrigin, this.#ports.now());
      return requestToken(this.#http, loginOrigin, form, way.remedies, secrets, signal);
    };
    return way.hasRefreshToken ? this.#refreshed.open(ask, this.#unwanted) : ask(values);
  }

  #requireSameOrg(organizationId: string): void {
    this.#organizationId ??= organizationId;
    if (organizationId === this.#organizationId) return;
    throw new HeadraceError(
      'destination_misconfigured',
      `The sign-in leads to the org ${organizationId}, and led to ${this.#organizationId} before. Nothing is sent to another org: correct the account, or make a new one for that org.`,
    );
  }

  /** The list of versions is open to all, so it is asked for without credentials. */
  async #findApiVersion(origin: string, signal: AbortSignal): Promise<string> {
    const facts: CallFacts = { what: 'for its API versions', host: new URL(origin).host, effect: 'read' };
    const answer = await this.#http.send(
      { origin, method: 'GET', path: '/services/data', headers: {}, purpose: 'describe' },
      facts,
      signal,
    );
    const version = answer.status === 200 ? chooseApiVersion(parseJson(answer.text)) : undefined;
    if (version !== undefined) return version;
    throw classifyStrangeAnswer(facts, `${answer.status} without a list of versions`);
  }
}
