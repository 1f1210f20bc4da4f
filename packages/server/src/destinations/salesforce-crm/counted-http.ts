import { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { type CallPurpose, type DestinationPorts, HeadraceError } from '@headrace/core';
import { Pool } from 'undici';
import { isTooLateToSend } from '../../lifecycle/send-deadline.ts';
import { codeOf, exchange, type HttpExchange, type HttpRequest } from '../http/http-exchange.ts';
import { type ApiUsage, type CallFacts, classifyTransport } from './classify-failure.ts';
import { toLoggedCall } from './logged-call.ts';

export type HttpAnswer = Extract<HttpExchange, { kind: 'answer' }>;

/** One request to an origin. Credentials are in `headers`, where it carries any. */
export type CountedRequest = {
  readonly origin: string;
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly purpose: CallPurpose;
};

/** A request whose content or answer is too large to be held. */
export type StreamedRequest = Omit<CountedRequest, 'method' | 'body'> & {
  readonly method: 'GET' | 'PUT';
  readonly content?: AsyncIterable<Uint8Array> | undefined;
};
/** Its body is to be read to its end, or destroyed. */
export type StreamedAnswer = Pick<HttpAnswer, 'status' | 'header'> & { readonly body: Readable };

/** A describe with long picklists takes a few megabytes. */
const maxBodyBytes = 32 * 1024 * 1024;
const readTimeoutMs = 120_000;
/**
 * 200 Contacts are about 50 KB, packed about 5 KB: 0.27 ms of one core here, against more round trips where the
 * body does not fit into TCP's first window of 14 KB.
 */
const gzipFromBytes = 8 * 1024;

/** Whoever looks after the lost call would not see what it did. */
const tooLate = () =>
  new HeadraceError('destination_unavailable', 'The time to send the request ran out before it was sent.');

/** Requests over connections kept alive, each counted before it is made, and told to the log of calls after. */
export class CountedHttp {
  readonly #ports: DestinationPorts;
  readonly #lostCallMs: number;
  readonly #pools = new Map<string, Pool>();
  #usage: ApiUsage | undefined;

  /** @param lostCallMs how long a call may go on without an answer before the connection is given up */
  constructor(ports: DestinationPorts, lostCallMs: number) {
    this.#ports = ports;
    this.#lostCallMs = lostCallMs;
  }

  /** What the last answer said of the org's calls in the last 24 hours. */
  get usage(): ApiUsage | undefined {
    return this.#usage;
  }

  /**
   * Makes one request.
   * @throws HeadraceError of the budget, or as `classifyTransport` says when no readable answer came.
   */
  async send(request: CountedRequest, facts: CallFacts, signal: AbortSignal): Promise<HttpAnswer> {
    const { budget, calls, now } = this.#ports;
    await budget.reserve(request.purpose);
    if (isTooLateToSend(now())) throw tooLate();
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip', ...request.headers };
    const body = packBody(request.body, headers);
    // A write ends when its caller says so: giving it up early would leave its outcome open.
    const deadline =
      facts.effect === 'write' ? signal : AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]);
    const { origin, method, path, purpose } = request;
    const [startedAt, startedMs] = [now(), performance.now()];
    const result = await exchange(
      this.#poolOf(origin),
      { method, path, headers, body },
      maxBodyBytes,
      deadline,
    );
    const usage = result.kind === 'failure' ? undefined : readUsage(result);
    const timing = { startedAt, durationMs: performance.now() - startedMs };
    calls.record(toLoggedCall({ method, path, body, purpose }, request.body, result, timing, usage));
    if (result.kind === 'failure') throw classifyTransport(result, facts);
    this.#observe(usage);
    return result;
  }

  /**
   * Makes one request and streams what it carries.
   * @throws HeadraceError of the budget, or as `classifyTransport` says when no answer came.
   */
  async stream(request: StreamedRequest, facts: CallFacts, signal: AbortSignal): Promise<StreamedAnswer> {
    const { budget, calls, now } = this.#ports;
    await budget.reserve(request.purpose);
    const { origin, method, path, purpose, content } = request;
    const headers = { accept: 'text/csv, application/json', 'accept-encoding': 'gzip', ...request.headers };
    const sent = { bytes: 0 };
    const body = content === undefined ? null : Readable.from(counted(content, sent));
    const [startedAt, startedMs] = [now(), performance.now()];
    const log = (result: HttpExchange, usage?: ApiUsage): void => {
      const timing = { startedAt, durationMs: performance.now() - startedMs };
      const call = toLoggedCall({ method, path, body: null, purpose }, undefined, result, timing, usage);
      const length = result.kind === 'answer' ? result.header('content-length') : undefined;
      calls.record({
        ...call,
        requestBytes: sent.bytes,
        responseBytes: toLoggedBytes(length),
      });
    };
    try {
      const answer = await this.#poolOf(origin).request({ method, path, headers, body, signal });
      const header = (name: string): string | undefined => {
        const value = answer.headers[name];
        return typeof value === 'string' ? value : value?.[0];
      };
      const usage = readUsage({ header });
      log({ kind: 'answer', status: answer.statusCode, header, text: '' }, usage);
      this.#observe(usage);
      const isPacked = header('content-encoding')?.toLowerCase() === 'gzip';
      return { status: answer.statusCode, header, body: isPacked ? unpacked(answer.body) : answer.body };
    } catch (error) {
      const failure = { kind: 'failure', wasSent: true, code: codeOf(error) } as const;
      log(failure);
      throw classifyTransport(failure, facts);
    }
  }

  #observe(usage: ApiUsage | undefined): void {
    if (usage === undefined) return;
    this.#usage = usage;
    this.#ports.budget.observe(usage);
  }

  /** Waits for requests under way; closing twice is harmless. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()].filter((pool) => !pool.closed);
    await Promise.all(pools.map((pool) => pool.close()));
  }

  #poolOf(origin: string): Pool {
    const existing = this.#pools.get(origin);
    if (existing !== undefined) return existing;
    const pool = new Pool(origin, {
      // Twice what a developer edition runs at once of calls over 20 s.
      connections: 10,
      pipelining: 1,
      // HTTP/2 would hide what was sent behind refused and repeated streams.
      allowH2: false,
      // undici's own 4 s, kept: the shorter, the rarer a call on a connection that the other side is closing,
      // whose outcome would be unknown.
      keepAliveTimeout: 4_000,
      connectTimeout: 10_000,
      headersTimeout: Math.max(this.#lostCallMs, readTimeoutMs),
      bodyTimeout: 60_000,
    });
    this.#pools.set(origin, pool);
    return pool;
  }
}

/** As many as the log of calls can hold: an answer of that size is not to be lost from it, nor to hold it up. */
const maxLoggedBytes = 2 ** 31 - 1;

/** A length as a header tells it; 0 where it tells none. */
export function toLoggedBytes(header: string | undefined): number {
  const length = Number(header ?? 0);
  return Number.isFinite(length) ? Math.max(0, Math.min(Math.trunc(length), maxLoggedBytes)) : 0;
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  sent: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    sent.bytes += chunk.length;
    yield chunk;
  }
}

/** An answer that breaks off ends what reads it. */
function unpacked(body: Readable): Readable {
  const gunzip = createGunzip();
  body.once('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => body.destroy());
  return body.pipe(gunzip);
}

function packBody(body: unknown, headers: Record<string, string>): string | Buffer | null {
  if (body === undefined) return null;
  if (typeof body === 'string') return body;
  const json = JSON.stringify(body);
  headers['content-type'] = 'application/json';
  if (json.length < gzipFromBytes) return json;
  headers['content-encoding'] = 'gzip';
  return gzipSync(json, { level: 1 });
}

/** `Sforce-Limit-Info: api-usage=230/15000; per-app-api-usage=17/250(appName=x)` */
export function readUsage(answer: Pick<HttpAnswer, 'header'>): ApiUsage | undefined {
  const [, used, allowed] =
    /(?:^|[\s;,])api-usage=(\d{1,15})\/(\d{1,15})/.exec(answer.header('sforce-limit-info') ?? '') ?? [];
  return used === undefined || allowed === undefined
    ? undefined
    : { used: Number(used), allowed: Number(allowed) };
}
