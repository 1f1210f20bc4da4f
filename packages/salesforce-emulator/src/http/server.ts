import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip, gunzip, gzip } from 'node:zlib';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError } from '../errors/api-error.ts';
import { answerCall } from './answer-call.ts';
import { bearerToken } from './bearer-token.ts';
import { splitUrl } from './dispatch.ts';
import type { Emulator } from './emulator.ts';
import { errorAnswer } from './error-answer.ts';
import type { Answer } from './route.ts';
import { type SpooledBody, spoolBody } from './spooled-body.ts';
import { takeBody } from './take-body.ts';

const maxBodyBytes = 50 * 1024 * 1024;
/** Forms and the like, from anybody. */
const maxOpenBytes = 1024 * 1024;
/** How long a request may take to arrive, as Salesforce's calls may take in all. */
const requestTimeoutMs = 600_000;
const minGzipBytes = 1_024;
const jsonType = 'application/json;charset=UTF-8';
const gzipBody = promisify(gzip);
const gunzipBody = promisify(gunzip);

/** The HTTP server of an emulator; not listening yet. */
export function createServer(emulator: Emulator): FastifyInstance {
  const server = Fastify({
    forceCloseConnections: true,
    requestTimeout: requestTimeoutMs,
    routerOptions: { maxParamLength: 20_000, ignoreDuplicateSlashes: false },
    http: { maxHeaderSize: 65_536 },
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => sendFailure(error, reply),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) =>
    takeBody(payload, mostBytes(emulator, request)),
  );
  server.addContentTypeParser('text/csv', async (request: FastifyRequest, payload: IncomingMessage) =>
    isUpload(emulator, request)
      ? spoolBody(payload, isGzip(request), emulator.bulk.files.incoming())
      : takeBody(payload, mostBytes(emulator, request)),
  );
  server.setErrorHandler((error, _request, reply) => sendFailure(error, reply));
  const handle = (request: FastifyRequest, reply: FastifyReply) => receive(emulator, request, reply);
  for (const path of ['/', '/*']) server.all(path, handle);
  server.setNotFoundHandler(handle);
  return server;
}

async function receive(
  emulator: Emulator,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { pathname, search } = splitUrl(request.url);
  const outcome = await answerCall({
    emulator,
    method: request.method,
    path: pathname,
    search,
    url: request.url,
    query: new URLSearchParams(search),
    headers: request.headers,
    remoteAddress: request.ip,
    baseUrl: `${request.protocol}://${request.headers.host ?? 'localhost'}`,
    readBody: () => readBody(request),
    upload: isSpooled(request.body) ? request.body : undefined,
    whenOver: (work) => reply.raw.once('close', work),
  });
  if (outcome.kind === 'answer') return send(request, reply, outcome.answer, outcome.text);
  reply.hijack();
  if (outcome.kind === 'cut') request.raw.socket.destroy();
  if (outcome.kind === 'mid_answer') sendHalf(reply, outcome.answer, outcome.text);
  return reply;
}

const isSignedIn = ({ sessions }: Emulator, { headers }: FastifyRequest): boolean => {
  const token = bearerToken(headers.authorization);
  return token !== undefined && sessions.find(token) !== undefined;
};

/** Nobody fills memory or disk without having signed in; what such a body was is no matter for the refusal. */
function mostBytes(emulator: Emulator, request: FastifyRequest): number {
  if (request.url.startsWith('/services/data/')) return isSignedIn(emulator, request) ? maxBodyBytes : 0;
  return request.url.startsWith('/emulator/') ? maxBodyBytes : maxOpenBytes;
}

/** Whether a text/csv body is the rows of a job, and so too large to hold. */
const isUpload = (emulator: Emulator, request: FastifyRequest): boolean =>
  /^\/services\/data\/[^/]+\/+jobs\/+ingest\/+[^/]+\/+batches\/*$/.test(splitUrl(request.url).pathname) &&
  isSignedIn(emulator, request);

const isSpooled = (body: unknown): body is SpooledBody =>
  typeof body === 'object' && body !== null && 'path' in body && 'bytes' in body;
/** The head of an answer and half its body, then the end of the connection. */
function sendHalf(reply: FastifyReply, answer: Answer, text: string): void {
  const body = Buffer.from(text);
  reply.raw.writeHead(answer.status, {
    'Content-Type': answer.contentType ?? jsonType,
    'Content-Length': Math.max(body.length, 2),
  });
  reply.raw.write(body.subarray(0, Math.floor(body.length / 2)), () => reply.raw.destroy());
}

/** Whether a body has to be unpacked. Throws 415 for any other encoding than gzip. */
function isGzip({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return false;
  if (encoding === 'gzip') return true;
  throw new ApiError(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Encoding '${encoding}' is not supported; use gzip.`,
  );
}

async function readBody(request: FastifyRequest): Promise<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  // An upload was unpacked on its way into its file.
  if (isSpooled(request.body) || !isGzip(request)) return body;
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

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  text: string,
): Promise<FastifyReply> {
  reply.code(answer.status);
  reply.header('Cache-Control', 'no-cache,must-revalidate,max-age=0,no-store,private');
  reply.header('Vary', 'Accept-Encoding');
  for (const [name, value] of Object.entries(answer.headers ?? {})) reply.header(name, value);
  if (answer.stream !== undefined) return sendStream(request, reply, answer.stream(), answer.contentType);
  if (answer.body === undefined) return reply.send();
  reply.header('Content-Type', answer.contentType ?? jsonType);
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
  return reply.code(answer.status).header('Content-Type', jsonType).send(JSON.stringify(answer.body));
}
