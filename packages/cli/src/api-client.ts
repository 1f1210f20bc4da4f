import { setTimeout as delay } from 'node:timers/promises';
import { HeadraceError, type Wire, type WireSchema } from '@headrace/core';
import { readApiError } from './api-error.ts';
import { readWire } from './read-wire.ts';

/** One request to the server's HTTP API. */
export type ApiRequest<Schema extends WireSchema> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. Called again when the request has to be repeated. */
  readonly stream?: () => { readonly contentType: string; readonly content: ReadableStream<Uint8Array> };
  /** What the contract says of the answer. */
  readonly answer: Schema;
};

/** Speaks to the server as the owner of the workspace, as anyone with a token can. */
export type ApiClient = {
  readonly baseUrl: string;
  /**
   * @throws HeadraceError with the server's own code and message when it refuses; `internal` when it cannot be
   *   reached for longer than a restart takes
   */
  send<Schema extends WireSchema>(request: ApiRequest<Schema>): Promise<Wire<Schema>>;
};

/** Where the server's API begins. */
export const apiPath = '/api/v1';

const restartLimitMs = 30_000;
const retryEveryMs = 250;

/** @param token read once, when the server is ready */
export const createApiClient = (baseUrl: string, token: string, signal: AbortSignal): ApiClient => ({
  baseUrl,
  send: async (request) => {
    const deadline = Date.now() + restartLimitMs;
    for (;;) {
      try {
        return await sendOnce(baseUrl, token, request, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isConnectionFailure(error)) throw error;
        // Every request of this program may be repeated: what it makes is looked up by name first.
        if (Date.now() > deadline)
          throw new HeadraceError('internal', `The server at ${baseUrl} does not answer.`, { cause: error });
        await delay(retryEveryMs, undefined, { signal });
      }
    }
  },
});

const sendOnce = async <Schema extends WireSchema>(
  baseUrl: string,
  token: string,
  request: ApiRequest<Schema>,
  signal: AbortSignal,
): Promise<Wire<Schema>> => {
  const { method, path } = request;
  const content = contentOf(request);
  const response = await fetch(`${baseUrl}${apiPath}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...content.headers },
    signal,
    ...content.init,
  });
  const text = await response.text();
  const answer = parseJson(text);
  if (!response.ok) throw readApiError(`${method} ${path}`, response.status, answer);
  return readWire(request.answer, answer, `The server's answer to ${method} ${path}`);
};

const contentOf = ({ body, stream }: ApiRequest<WireSchema>) => {
  if (stream !== undefined) {
    const { contentType, content } = stream();
    return { headers: { 'content-type': contentType }, init: { body: content, duplex: 'half' as const } };
  }
  if (body === undefined) return { headers: {}, init: {} };
  return { headers: { 'content-type': 'application/json' }, init: { body: JSON.stringify(body) } };
};

const parseJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `fetch` throws a TypeError for everything between the two programs, and for nothing else that is ours. */
const isConnectionFailure = (error: unknown): boolean =>
  error instanceof TypeError && error.cause !== undefined;
