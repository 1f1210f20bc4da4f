import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
};

/** What became of one request. */
export type HttpExchange =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly text: string;
    }
  | {
      readonly kind: 'failure';
      /** Whether any byte may have left: false only when it is certain that none did. */
      readonly wasSent: boolean;
      /** `ABORTED`, `TIMED_OUT`, `BAD_BODY`, `BODY_TOO_LARGE`, or the code of undici, Node or OpenSSL. */
      readonly code: string;
    };

const unpack = promisify(gunzip);

/**
 * Makes one request and reads its whole answer; never throws, follows no redirect and repeats nothing.
 *
 * undici calls `onRequestStart` when it has a connection and right before it writes to it (lib/dispatcher/
 * client-h1.js, `writeH1`). What fails earlier (name, connect, TLS, waiting for a free connection) was certainly
 * not sent; from then on any failure leaves open how far the request got.
 * @param maxBodyBytes longest answer taken, packed and unpacked
 */
export async function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<HttpExchange> {
  const raw = await dispatch(dispatcher, request, maxBodyBytes, signal);
  if (raw.kind === 'failure') return raw;
  const header = (name: string): string | undefined => {
    const value = raw.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };
  const encoding = header('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip')
    return { kind: 'failure', wasSent: true, code: 'BAD_BODY' };
  try {
    const body = encoding === 'gzip' ? await unpack(raw.body, { maxOutputLength: maxBodyBytes }) : raw.body;
    return { kind: 'answer', status: raw.status, header, text: body.toString('utf8') };
  } catch {
    return { kind: 'failure', wasSent: true, code: 'BAD_BODY' };
  }
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;
type RawExchange =
  | Extract<HttpExchange, { kind: 'failure' }>
  | { readonly kind: 'raw'; readonly status: number; readonly headers: RawHeaders; readonly body: Buffer };

function dispatch(
  dispatcher: Dispatcher,
  request: HttpRequest,
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<RawExchange> {
  return new Promise((resolve) => {
    let wasSent = false;
    let isSettled = false;
    let connection: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: RawHeaders = {};
    let bytes = 0;
    const chunks: Buffer[] = [];
    const settle = (result: RawExchange): void => {
      if (isSettled) return;
      isSettled = true;
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    const fail = (code: string): void => {
      settle({ kind: 'failure', wasSent, code });
      connection?.abort(new Error(code));
    };
    const onAbort = (): void =>
      fail(signal.reason instanceof Error && signal.reason.name === 'TimeoutError' ? 'TIMED_OUT' : 'ABORTED');
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (controller) => {
        // Given up while it waited for a connection, or about to be written a second time: do not write.
        if (isSettled || wasSent) return controller.abort(new Error('ABORTED'));
        wasSent = true;
        connection = controller;
      },
      onResponseStart: (_controller, statusCode, received) => {
        status = statusCode;
        headers = received;
      },
      onResponseData: (_controller, chunk) => {
        bytes += chunk.length;
        if (bytes > maxBodyBytes) fail('BODY_TOO_LARGE');
        else chunks.push(chunk);
      },
      onResponseEnd: () => settle({ kind: 'raw', status, headers, body: Buffer.concat(chunks) }),
      onResponseError: (_controller, error) => fail(codeOf(error)),
    };
    try {
      dispatcher.dispatch({ ...request, idempotent: false }, handler);
    } catch (error) {
      fail(codeOf(error));
    }
  });
}

/** Of an error of undici, Node or OpenSSL. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
