import { type CallPurpose, type DestinationPorts, HeadraceError } from '@headrace/core';
import type { HttpRequest } from '../http/http-exchange.ts';
import { parseJson } from '../http/parse-json.ts';
import type { SalesforceAccount } from './account-fields.ts';
import {
  type ApiUsage,
  type CallFacts,
  classifyRefusal,
  classifyStrangeAnswer,
  isSessionExpired,
} from './classify-failure.ts';
import { CountedHttp, type HttpAnswer, readUsage, type StreamedAnswer } from './counted-http.ts';
import type { HostPolicy } from './host-policy.ts';
import { type Session, SessionKeeper } from './session-keeper.ts';
import { readScopes } from './sign-in/read-scopes.ts';

export type ApiCall = {
  readonly method: HttpRequest['method'];
  /** After `/services/data/vXX.X`; or the whole path where it starts with `/services/`. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of `body` where it names paths of the API: makes it from `/services/data/vXX.X`. */
  readonly bodyOf?: (base: string) => unknown;
  /** Options of the call, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly purpose: CallPurpose;
  readonly effect: CallFacts['effect'];
  /** What is asked for may not be there: then the answer is null. */
  readonly mayBeAbsent?: boolean;
  /** Completes "Salesforce was asked …". */
  readonly what: string;
};

/** A call whose content or answer is a file. */
export type FileCall = Pick<ApiCall, 'path' | 'purpose' | 'what'> & {
  readonly method: 'GET' | 'PUT';
  readonly content?: AsyncIterable<Uint8Array>;
};

/**
 * Speaks with one org: signs in when needed, signs in again once when the session has ended, and turns whatever
 * goes wrong into a `destination_*` error.
 */
export class SalesforceClient {
  readonly #account: SalesforceAccount;
  readonly #http: CountedHttp;
  readonly #sessions: SessionKeeper;

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts) {
    this.#account = account;
    this.#http = new CountedHttp(ports, account.lostCallMs);
    this.#sessions = new SessionKeeper(account, policy, ports, this.#http);
  }

  /** What the last answer said of the org's calls in the last 24 hours. */
  get usage(): ApiUsage | undefined {
    return this.#http.usage;
  }

  /** Signs in whatever is known, as a person wants who has just corrected the account. */
  signInAfresh(signal: AbortSignal): Promise<Session> {
    return this.#sessions.openAfresh(signal);
  }

  /** What the session may do; null where Salesforce does not say. */
  scopesOf(session: Session, signal: AbortSignal): Promise<readonly string[] | null> {
    return readScopes(session, this.#account, this.#http, signal);
  }

  /**
   * Makes a call and parses its JSON answer.
   * @throws HeadraceError with a `destination_*` code; `destination_outcome_unknown` only for a write that may
   *   have been applied.
   */
  async call(call: ApiCall, signal: AbortSignal): Promise<unknown> {
    const session = await this.#sessions.current(signal);
    let facts = factsOf(call, session);
    let answer = await this.#send(call, session, facts, signal);
    if (isSessionExpired(answer.status, answer.text)) {
      // Refused before it was looked at, so nothing was written and it may be sent again.
      const renewed = await this.#sessions.replace(session, signal);
      facts = factsOf(call, renewed);
      answer = await this.#send(call, renewed, facts, signal);
    }
    const { status, text } = answer;
    if (call.mayBeAbsent === true && status === 404) return null;
    if (status >= 300)
      throw classifyRefusal(
        { status, text, usage: readUsage(answer), retryAfterSeconds: readRetryAfter(answer) },
        facts,
      );
    const body = parseJson(text);
    if (body === undefined) throw classifyStrangeAnswer(facts, 'with success, but no JSON');
    return body;
  }

  /**
   * Sends or fetches a file, which cannot change records by itself.
   * @returns the body of the answer, to be read to its end or destroyed
   * @throws HeadraceError with a `destination_*` code
   */
  async transfer(call: FileCall, signal: AbortSignal): Promise<StreamedAnswer['body']> {
    for (let isFirst = true; ; isFirst = false) {
      const session = await this.#sessions.current(signal);
      const facts: CallFacts = {
        what: call.what,
        effect: 'read',
        host: new URL(session.instanceOrigin).host,
      };
      const { status, header, body } = await this.#http.stream(
        {
          origin: session.instanceOrigin,
          method: call.method,
          path: `/services/data/v${session.apiVersion}${call.path}`,
          headers: {
            authorization: `Bearer ${session.accessToken}`,
            ...(call.content !== undefined && { 'content-type': 'text/csv; charset=UTF-8' }),
          },
          content: call.content,
          purpose: call.purpose,
        },
        facts,
        signal,
      );
      if (status < 300) return body;
      const text = await readShort(body);
      const isExpired = isSessionExpired(status, text);
      if (isExpired) await this.#sessions.replace(session, signal);
      // A file that was begun cannot be sent a second time.
      if (isExpired && isFirst && call.content === undefined) continue;
      if (isExpired && isFirst)
        throw new HeadraceError('destination_unavailable', 'The session ended while a file was sent.');
      throw classifyRefusal(
        { status, text, usage: readUsage({ header }), retryAfterSeconds: readRetryAfter({ header }) },
        facts,
      );
    }
  }

  /** Ends a sign-in under way and waits for other calls; closing twice is harmless. */
  async close(): Promise<void> {
    await this.#sessions.close();
    await this.#http.close();
  }

  #send(call: ApiCall, session: Session, facts: CallFacts, signal: AbortSignal): Promise<HttpAnswer> {
    const base = `/services/data/v${session.apiVersion}`;
    const { method, path, purpose, bodyOf } = call;
    // Without it an assignment rule of the org could give records other owners.
    const options =
      call.effect === 'write' ? { 'sforce-auto-assign': 'FALSE', ...call.headers } : call.headers;
    const request = {
      origin: session.instanceOrigin,
      method,
      path: path.startsWith('/services/') ? path : base + path,
      headers: { ...options, authorization: `Bearer ${session.accessToken}` },
      body: bodyOf === undefined ? call.body : bodyOf(base),
      purpose,
    };
    return this.#http.send(request, facts, signal);
  }
}

const factsOf = ({ what, effect }: ApiCall, session: Session): CallFacts => ({
  what,
  effect,
  host: new URL(session.instanceOrigin).host,
});

/** The start of an answer that should be an error. */
async function readShort(body: StreamedAnswer['body']): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > longestRefusal) break;
    }
  } catch {
    // What came of it will do.
  }
  return text;
}
const longestRefusal = 64 * 1024;

function readRetryAfter(answer: Pick<HttpAnswer, 'header'>): number | undefined {
  const seconds = answer.header('retry-after') ?? '';
  return /^\d{1,5}$/.test(seconds) ? Number(seconds) : undefined;
}
