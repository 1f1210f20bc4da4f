import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGzip, gunzip, gzip } from 'node:zlib';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { strikeCall } from '../admin/faults.ts';
import { ApiError } from '../errors/api-error.ts';
import { dispatch, errorAnswer, splitUrl } from './dispatch.ts';
import type { Emulator } from './emulator.ts';
import type { Answer } from './route.ts';
import { type SpooledBody, spoolBody } from './spooled-body.ts';

const maxBodyBytes = 50 * 1024 * 1024;
const minGzipBytes = 1_024;
const gzipBody = promisify(gzip);
const gunzipBody = promisify(gunzip);

/** The HTTP server of an emulator; not listening yet. */
export function createServer(emulator: Emulator): FastifyInstance {
  const server = Fastify({
    bodyLimit: maxBodyBytes,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 20_000, ignoreDuplicateSlashes: false },
    http: { maxHeaderSize: 65_536 },
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => sendFailure(error, reply),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addContentTypeParser('text/csv', (request: FastifyRequest, payload: IncomingMessage) =>
    spoolBody(payload, request.headers['content-encoding'] === 'gzip', emulator.bulk.files.incoming()),
  );
  server.setErrorHandler((error, _request, reply) => sendFailure(error, reply));
  const handle = (request: FastifyRequest, reply: FastifyReply) => answerCall(emulator, request, reply);
  for (const path of ['/', '/*']) server.all(path, handle);
  server.setNotFoundHandler(handle);
  return server;
}

async function answerCall(
  emulator: Emulator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const upload = isSpooled(request.body) ? request.body : undefined;
  try {
    return await answerWith(emulator, request, reply, upload);
  } finally {
    // Gone already when the call took it.
    if (upload !== undefined) await rm(upload.path, { force: true });
  }
}

const isSpooled = (body: unknown): body is SpooledBody =>
  typeof body === 'object' && body !== null && 'path' in body && 'bytes' in body;

async function answerWith(
  emulator: Emulator,
  request: FastifyRequest,
  reply: FastifyReply,
  upload: SpooledBody | undefined,
): Promise<FastifyReply> {
  const started = performance.now();
  const sequence = emulator.journal.next();
  const { pathname, search } = splitUrl(request.url);
  const { strike, left } = strikeCall(emulator.faults, pathname);
  emulator.faults = left;
  const record = (status: number, records: number | undefined): void => {
    if (pathname.startsWith('/emulator/') || !pathname.startsWith('/services/')) return;
    const durationMs = Math.round((performance.now() - started) * 100) / 100;
    const at = new Date(emulator.org.clock() + emulator.org.clockOffsetMs).toISOString();
    emulator.journal.add({
      sequence,
      at,
      method: request.method,
      path: pathname.slice(0, 500),
      status,
      records,
      durationMs,
    });
  };
  if (left.latencyMs > 0 && pathname.startsWith(left.pathPrefix)) await sleep(left.latencyMs);
  if (strike.kind === 'cut' && strike.when === 'before_write')
    return cut(request.raw, reply, () => record(0, undefined));
  if (strike.kind === 'fail') {
    record(strike.status, undefined);
    const error = new ApiError(strike.status, strike.errorCode, 'Failure ordered through the emulator.');
    return send(request, reply, errorAnswer(error));
  }
  const answer = dispatch(
    {
      emulator,
      sequence,
      method: request.method,
      path: pathname,
      query: new URLSearchParams(search),
      headers: request.headers,
      body: upload === undefined ? await readBody(request) : Buffer.alloc(0),
      upload,
      remoteAddress: request.ip,
      baseUrl: `${request.protocol}://${request.headers.host ?? 'localhost'}`,
    },
    request.url,
  );
  if (strike.kind === 'cut') return cut(request.raw, reply, () => record(0, answer.records));
  record(answer.status, answer.records);
  return send(request, reply, answer);
}

async function readBody(request: FastifyRequest): Promise<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (request.headers['content-encoding'] !== 'gzip') return body;
  try {
    return await gunzipBody(body, { maxOutputLength: maxBodyBytes });
  } catch {
    throw new ApiError(
      400,
      'INVALID_CONTENT_ENCODING',
      'The request body is not gzip, or too large when unpacked.',
    );
  }
}

function cut(socketOwner: IncomingMessage, reply: FastifyReply, record: () => void): FastifyReply {
  record();
  reply.hijack();
  socketOwner.socket.destroy();
  return reply;
}

async function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  reply.code(answer.status);
  reply.header('Cache-Control', 'no-cache,must-revalidate,max-age=0,no-store,private');
  reply.header('Vary', 'Accept-Encoding');
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  if (answer.stream !== undefined) return sendStream(request, reply, answer.stream(), answer.contentType);
  if (answer.body === undefined) return reply.send();
  const isText = typeof answer.body === 'string';
  const text = isText ? String(answer.body) : JSON.stringify(answer.body);
  reply.header('Content-Type', answer.contentType ?? 'application/json;charset=UTF-8');
  if (text.length < minGzipBytes || !acceptsGzip(request)) return reply.send(text);
  reply.header('Content-Encoding', 'gzip');
  return reply.send(await gzipBody(text, { level: 1 }));
}

/** Sends what is read as it goes, so that it is never whole in memory. */
function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  source: Readable,
  contentType = 'application/octet-stream',
): FastifyReply {
  reply.header('Content-Type', contentType);
  if (!acceptsGzip(request)) return reply.send(source);
  reply.header('Content-Encoding', 'gzip');
  const packed = createGzip({ level: 1 });
  // A failure of either ends the other, and with it the connection.
  pipeline(source, packed, () => {});
  return reply.send(packed);
}

const acceptsGzip = (request: FastifyRequest): boolean =>
  /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));

/** What Fastify itself refuses: bodies too large, broken framing. */
function sendFailure(error: unknown, reply: FastifyReply): FastifyReply {
  const given = error instanceof ApiError ? error : undefined;
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (given === undefined && status >= 500) console.error(error);
  const message =
    status < 500 && error instanceof Error ? error.message : 'An unexpected error occurred in the emulator.';
  const answer = errorAnswer(
    given ?? new ApiError(status, status === 413 ? 'REQUEST_TOO_LARGE' : 'UNKNOWN_EXCEPTION', message),
  );
  return reply
    .code(answer.status)
    .header('Content-Type', 'application/json;charset=UTF-8')
    .send(JSON.stringify(answer.body));
}
