import { gzipSync } from 'node:zlib';
import { type CallPurpose, type DestinationPorts, HeadraceError } from '@headrace/core';
import { Pool } from 'undici';
import type { SalesforceAccount } from './account-fields.ts';
import { chooseApiVersion } from './api-version.ts';
import {
  type ApiUsage,
  type CallFacts,
  classifyRefusal,
  classifyStrangeAnswer,
  classifyTransport,
  isSessionExpired,
} from './classify-failure.ts';
import { type HostPolicy, resolveInstanceOrigin } from './host-policy.ts';
import { exchange, type HttpExchange, type HttpRequest } from './http-exchange.ts';
import { orAborted } from './or-aborted.ts';
import { classifyTokenRefusal, readTokenAnswer } from './token-answer.ts';

export type ApiCall = {
  readonly method: HttpRequest['method'];
  /** After `/services/data/vXX.X`; or the whole path where it starts with `/services/`. */
  readonly path: string;
  readonly body?: unknown;
  readonly purpose: CallPurpose;
  readonly effect: CallFacts['effect'];
  /** Completes "Salesforce was asked …". */
  readonly what: string;
};

/** An opened session of one user in one org. */
export type Session = {
  readonly accessToken: string;
  readonly instanceOrigin: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly apiVersion: string;
};

/** A describe with long picklists takes a few megabytes. */
const maxBodyBytes = 32 * 1024 * 1024;
const maxTokenBodyBytes = 64 * 1024;
const signInTimeoutMs = 30_000;
const readTimeoutMs = 120_000;
/**
 * 200 Contacts are about 50 KB, packed about 5 KB: 0.27 ms of one core here, against more round trips where the
 * body does not fit into TCP's first window of 14 KB.
 */
const gzipFromBytes = 8 * 1024;
/** Salesforce locks users out after a few wrong passwords: a refusal is remembered this long. */
const refusalMemoryMs = 60_000;

/**
 * Speaks with one org: signs in when needed (once for all who wait), counts every call before it is made, signs
 * in again once when the session has ended, and turns whatever goes wrong into a `destination_*` error.
 */
export class SalesforceClient {
  readonly #account: SalesforceAccount;
  readonly #policy: HostPolicy;
  readonly #ports: DestinationPorts;
  readonly #pools = new Map<string, Pool>();
  readonly #closing = new AbortController();
  #session: Session | undefined;
  #signingIn: Promise<Session> | undefined;
  #refused: { readonly error: HeadraceError; readonly untilMs: number } | undefined;
  #usage: ApiUsage | undefined;

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts) {
    this.#account = account;
    this.#policy = policy;
    this.#ports = ports;
  }

  /** What the last answer said of the org's calls in the last 24 hours. */
  get usage(): ApiUsage | undefined {
    return this.#usage;
  }

  /**
   * Makes a call and parses its JSON answer.
   * @throws HeadraceError with a `destination_*` code; `destination_outcome_unknown` only for a write that may
   *   have been applied.
   */
  async call(call: ApiCall, signal: AbortSignal): Promise<unknown> {
    let session = this.#session ?? (await this.#openSession(signal));
    for (let isFirst = true; ; isFirst = false) {
      const facts = { what: call.what, host: hostOf(session.instanceOrigin), effect: call.effect };
      const answer = await this.#send(session.instanceOrigin, call, session, facts, signal);
      if (answer.status >= 200 && answer.status < 300) return parseAnswer(answer.text, facts);
      if (isFirst && isSessionExpired(answer.status, answer.text)) {
        // Refused before it was looked at, so nothing was written and it may be sent again.
        if (this.#session === session) this.#session = undefined;
        session = this.#session ?? (await this.#openSession(signal));
        continue;
      }
      throw classifyRefusal(
        {
          status: answer.status,
          text: answer.text,
          usage: readUsage(answer),
          retryAfterSeconds: readRetryAfter(answer),
        },
        facts,
      );
    }
  }

  /** The session in use; opens one where there is none. */
  session(signal: AbortSignal): Promise<Session> {
    return this.#session === undefined ? this.#openSession(signal) : Promise.resolve(this.#session);
  }

  /** Signs in afresh whatever is known, as a person does who has just corrected the account. */
  async signInAfresh(signal: AbortSignal): Promise<Session> {
    // What is already under way may have been started before the correction in Salesforce.
    await this.#signingIn?.catch(() => undefined);
    this.#refused = undefined;
    this.#session = undefined;
    return this.#openSession(signal);
  }

  /** Ends a sign-in under way and waits for other calls; closing twice is harmless. */
  async close(): Promise<void> {
    this.#closing.abort();
    const pools = [...this.#pools.values()].filter((pool) => !pool.closed);
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #openSession(signal: AbortSignal): Promise<Session> {
    const refused = this.#refused;
    if (refused !== undefined && this.#ports.now().getTime() < refused.untilMs)
      return Promise.reject(refused.error);
    this.#signingIn ??= this.#signIn()
      .then((session) => {
        this.#session = session;
        return session;
      })
      .catch((error: unknown) => {
        if (error instanceof HeadraceError && error.code === 'destination_authentication_rejected')
          this.#refused = { error, untilMs: this.#ports.now().getTime() + refusalMemoryMs };
        throw error;
      })
      .finally(() => {
        this.#signingIn = undefined;
      });
    return orAborted(this.#signingIn, signal, 'for the sign-in to Salesforce');
  }

  /** Not bound to the signal of one caller: others wait for it too. */
  async #signIn(): Promise<Session> {
    const { username, password, clientId, clientSecret, loginOrigin, secrets } = this.#account;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(signInTimeoutMs)]);
    const facts: CallFacts = { what: 'to sign in', host: hostOf(loginOrigin), effect: 'read' };
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: clientId,
      client_secret: clientSecret,
      username,
      password,
    });
    await this.#ports.budget.reserve('sign_in');
    const answer = answerOf(
      await exchange(
        this.#poolOf(loginOrigin),
        {
          method: 'POST',
          path: '/services/oauth2/token',
          headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
          body: form.toString(),
        },
        maxTokenBodyBytes,
        signal,
      ),
      facts,
    );
    if (answer.status !== 200) throw classifyTokenRefusal(answer, facts, secrets);
    const { accessToken, instanceUrl, organizationId, userId } = readTokenAnswer(answer.text, facts);
    const instanceOrigin = resolveInstanceOrigin(instanceUrl, this.#policy);
    const apiVersion = await this.#findApiVersion(instanceOrigin, signal);
    this.#ports.log.info({ host: hostOf(instanceOrigin), organization: organizationId }, 'Signed in.');
    return { accessToken, instanceOrigin, organizationId, userId, apiVersion };
  }

  async #findApiVersion(origin: string, signal: AbortSignal): Promise<string> {
    const facts: CallFacts = { what: 'for its API versions', host: hostOf(origin), effect: 'read' };
    const call = { method: 'GET', path: '/services/data', purpose: 'describe' } as const;
    const answer = await this.#send(origin, call, undefined, facts, signal);
    const version = answer.status === 200 ? chooseApiVersion(parseAnswer(answer.text, facts)) : undefined;
    if (version !== undefined) return version;
    throw classifyStrangeAnswer(facts, `${answer.status} without a list of versions`);
  }

  /** One counted request; without a session it carries no credentials. */
  async #send(
    origin: string,
    call: Pick<ApiCall, 'method' | 'path' | 'body' | 'purpose'>,
    session: Session | undefined,
    facts: CallFacts,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    await this.#ports.budget.reserve(call.purpose);
    const headers: Record<string, string> = { accept: 'application/json', 'accept-encoding': 'gzip' };
    if (session !== undefined) headers.authorization = `Bearer ${session.accessToken}`;
    // Without it an assignment rule of the org could give records other owners.
    if (facts.effect === 'write') headers['sforce-auto-assign'] = 'FALSE';
    const base = call.path.startsWith('/services/') ? '' : `/services/data/v${session?.apiVersion}`;
    const body = call.body === undefined ? null : packBody(JSON.stringify(call.body), headers);
    // A write ends when its caller says so: giving it up early would leave its outcome open.
    const deadline =
      facts.effect === 'write' ? signal : AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]);
    const request = { method: call.method, path: base + call.path, headers, body };
    const answer = answerOf(await exchange(this.#poolOf(origin), request, maxBodyBytes, deadline), facts);
    const usage = readUsage(answer);
    if (usage !== undefined) {
      this.#usage = usage;
      this.#ports.budget.observe(usage);
    }
    return answer;
  }

  #poolOf(origin: string): Pool {
    const existing = this.#pools.get(origin);
    if (existing !== undefined) return existing;
    const pool = new Pool(origin, {
      // As many calls as an org runs at once over 20 s for a developer edition, twice.
      connections: 10,
      pipelining: 1,
      // HTTP/2 would hide what was sent behind refused and repeated streams.
      allowH2: false,
      // undici's own 4 s, kept: the shorter, the rarer a call on a connection that the other side is closing,
      // whose outcome would be unknown.
      keepAliveTimeout: 4_000,
      connectTimeout: 10_000,
      headersTimeout: Math.max(this.#account.lostCallMs, readTimeoutMs),
      bodyTimeout: 60_000,
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}

type HttpAnswer = Extract<HttpExchange, { kind: 'answer' }>;

function answerOf(result: HttpExchange, facts: CallFacts): HttpAnswer {
  if (result.kind === 'answer') return result;
  throw classifyTransport(result, facts);
}

function packBody(json: string, headers: Record<string, string>): string | Buffer {
  headers['content-type'] = 'application/json';
  if (json.length < gzipFromBytes) return json;
  headers['content-encoding'] = 'gzip';
  return gzipSync(json, { level: 1 });
}

function parseAnswer(text: string, facts: CallFacts): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw classifyStrangeAnswer(facts, 'with success, but no JSON');
  }
}

/** `Sforce-Limit-Info: api-usage=230/15000; per-app-api-usage=17/250(appName=x)` */
function readUsage(answer: HttpAnswer): ApiUsage | undefined {
  const [, used, allowed] =
    /(?:^|[\s;,])api-usage=(\d{1,15})\/(\d{1,15})/.exec(answer.header('sforce-limit-info') ?? '') ?? [];
  return used === undefined || allowed === undefined
    ? undefined
    : { used: Number(used), allowed: Number(allowed) };
}

function readRetryAfter(answer: HttpAnswer): number | undefined {
  const seconds = answer.header('retry-after') ?? '';
  return /^\d{1,5}$/.test(seconds) ? Number(seconds) : undefined;
}

const hostOf = (origin: string): string => new URL(origin).host;
