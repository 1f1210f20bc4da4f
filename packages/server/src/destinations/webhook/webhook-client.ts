import { createHash } from 'node:crypto';
import type { CallPurpose, DestinationPorts } from '@headrace/core';
import { Pool } from 'undici';
import { guardedConnector } from '../http/guarded-connector.ts';
import { exchange } from '../http/http-exchange.ts';
import type { WebhookAccount } from './account-fields.ts';
import { classifyRefusal, classifyTransport, type RequestFacts } from './classify-failure.ts';
import { toLoggedCall } from './logged-call.ts';
import { sign } from './sign.ts';

const maxAnswerBytes = 1024 * 1024;
const connectTimeoutMs = 10_000;

export type WebhookRequest = {
  /** For example `headrace.records`. */
  readonly type: string;
  readonly data: unknown;
  readonly purpose: CallPurpose;
  readonly effect: RequestFacts['effect'];
  /** Completes "The webhook was asked …". */
  readonly what: string;
};

/** Posts signed requests to one receiver, each counted before it is made. */
export class WebhookClient {
  readonly #account: WebhookAccount;
  readonly #ports: DestinationPorts;
  readonly #pool: Pool;

  constructor(account: WebhookAccount, allowLoopback: boolean, ports: DestinationPorts) {
    this.#account = account;
    this.#ports = ports;
    this.#pool = new Pool(account.url.origin, {
      connections: 10,
      pipelining: 1,
      allowH2: false,
      connect: guardedConnector({ allowLoopback, timeoutMs: connectTimeoutMs }),
      headersTimeout: account.lostCallMs,
      bodyTimeout: account.lostCallMs,
    });
  }

  /**
   * Makes one request.
   * @returns the text of a 2xx answer.
   * @throws HeadraceError of the budget, or as `classifyRefusal` and `classifyTransport` say.
   */
  async post(request: WebhookRequest, signal: AbortSignal): Promise<string> {
    const { url, signingKeys, authorization, lostCallMs } = this.#account;
    const { type, data, purpose, effect, what } = request;
    await this.#ports.budget.reserve(purpose);
    const [at, startedMs] = [this.#ports.now(), performance.now()];
    const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'accept-encoding': 'gzip',
      'user-agent': 'Headrace',
      ...(authorization !== undefined && { authorization }),
      ...sign({ id: idOf(type, data), at, body }, signingKeys),
    };
    const facts: RequestFacts = { host: url.host, what, effect };
    const answer = await exchange(
      this.#pool,
      { method: 'POST', path: url.pathname + url.search, headers, body },
      maxAnswerBytes,
      AbortSignal.any([signal, AbortSignal.timeout(lostCallMs)]),
    );
    const durationMs = performance.now() - startedMs;
    this.#ports.calls.record(toLoggedCall(request, body, answer, { startedAt: at, durationMs }));
    if (answer.kind === 'failure') throw classifyTransport(answer, facts);
    const { status, text, header } = answer;
    if (status >= 200 && status < 300) return text;
    throw classifyRefusal({ status, retryAfter: header('retry-after') }, facts, at);
  }

  /** Waits for requests under way; closing twice is harmless. */
  async close(): Promise<void> {
    if (!this.#pool.closed) await this.#pool.close();
  }
}

/** The same for the same content, so that a receiver can tell a request that it had. */
const idOf = (type: string, data: unknown): string =>
  `msg_${createHash('sha256')
    .update(JSON.stringify([type, data]))
    .digest('hex')
    .slice(0, 32)}`;
