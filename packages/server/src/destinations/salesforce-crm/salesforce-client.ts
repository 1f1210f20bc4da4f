import type { CallPurpose, DestinationPorts } from '@headrace/core';
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
import { CountedHttp, type HttpAnswer, readUsage } from './counted-http.ts';
import type { HostPolicy } from './host-policy.ts';
import { type Session, SessionKeeper } from './session-keeper.ts';

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
  /** Completes "Salesforce was asked …". */
  readonly what: string;
};

/**
 * Speaks with one org: signs in when needed, signs in again once when the session has ended, and turns whatever
 * goes wrong into a `destination_*` error.
 */
export class SalesforceClient {
  readonly #http: CountedHttp;
  readonly #sessions: SessionKeeper;

  constructor(account: SalesforceAccount, policy: HostPolicy, ports: DestinationPorts) {
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
    if (status >= 300)
      throw classifyRefusal(
        { status, text, usage: readUsage(answer), retryAfterSeconds: readRetryAfter(answer) },
        facts,
      );
    const body = parseJson(text);
    if (body === undefined) throw classifyStrangeAnswer(facts, 'with success, but no JSON');
    return body;
  }

  /** Ends a sign-in under way and waits for other calls; closing twice is harmless. */
  close(): Promise<void> {
    this.#sessions.close();
    return this.#http.close();
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

function readRetryAfter(answer: HttpAnswer): number | undefined {
  const seconds = answer.header('retry-after') ?? '';
  return /^\d{1,5}$/.test(seconds) ? Number(seconds) : undefined;
}
