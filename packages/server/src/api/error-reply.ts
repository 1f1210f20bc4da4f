import { randomUUID } from 'node:crypto';
import { type ErrorWire, errorCodes, HeadraceError, invalidInput } from '@headrace/core';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers with an error, whatever was thrown; what is no error of ours shows only in the log, under its id. */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // The caller went away: nobody reads an answer, and what was aborted for it is no defect.
  if (reply.raw.destroyed) return;
  const { known, errorId } = recognize(error, request);
  if (known.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(known.retryAfterMs / 1_000));
  if (known.code === 'authentication_required') reply.header('www-authenticate', 'Bearer');
  drainBody(request, reply);
  reply.code(known.status).send(toErrorWire(known, errorId));
}

/** What was thrown as an error of ours; one that must not happen goes into the log, under the id given. */
export function recognize(
  error: unknown,
  request: FastifyRequest,
): { readonly known: HeadraceError; readonly errorId: string | undefined } {
  const known = toHeadraceError(error);
  const errorId = known.code === 'internal' ? randomUUID() : undefined;
  if (errorId !== undefined)
    request.log.error(
      { error_id: errorId, route: request.routeOptions.url, err: known.cause ?? known },
      'A request failed for a reason that must not happen.',
    );
  return { known, errorId };
}

/** How long a caller may go on sending what was refused. */
const drainMs = 5_000;

/**
 * Throws away what is still to come of a refused body. A connection closed in the middle of an upload is reset,
 * and its caller sees that in place of the answer.
 */
function drainBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete) return;
  reply.removeHeader('connection');
  raw.resume();
  const timer = setTimeout(() => raw.destroy(), drainMs);
  raw.once('close', () => clearTimeout(timer));
}

const toErrorWire = (error: HeadraceError, errorId: string | undefined): ErrorWire => ({
  error: {
    code: error.code,
    message: error.message,
    remedy: errorCodes[error.code].remedy,
    details: error.details.map((detail) => ({ ...detail })),
    ...(errorId !== undefined && { error_id: errorId }),
  },
});

const internal = (cause: unknown): HeadraceError =>
  new HeadraceError('internal', 'The server could not do this.', { cause });

/** PostgreSQL stores no NUL character, neither in text nor in JSON. */
const nulCodes: ReadonlySet<string> = new Set(['22021', '22P05']);

/** What is referred to is looked up first, so it was there a moment ago. */
const foreignKeyViolation = '23503';

function toHeadraceError(error: unknown): HeadraceError {
  if (error instanceof HeadraceError) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return internal(error);
  if (nulCodes.has(error.code))
    return invalidInput('A text in the request holds a NUL character (U+0000). Remove it.');
  switch (error.code) {
    case foreignKeyViolation:
      return new HeadraceError(
        'conflict',
        'Something that the request refers to was deleted at the same moment. Look it up again.',
      );
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HeadraceError('payload_too_large', 'The body is larger than this route takes.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new HeadraceError(
        'unsupported_media_type',
        'This route does not read bodies of this content type. Expected application/json; for files of batches text/csv, application/x-ndjson or application/gzip.',
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalidInput('The body is empty. Expected JSON, or no Content-Type where no body is needed.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      // The parser's own message quotes the body.
      return invalidInput('The body is no valid JSON.', [
        { pointer: '', message: 'Expected JSON in UTF-8.' },
      ]);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidInput('The body is not as long as its Content-Length says. Send it again.');
    case 'FST_ERR_BAD_URL':
      return invalidInput('The path of the URL is not properly encoded.');
    default:
      return internal(error);
  }
}
