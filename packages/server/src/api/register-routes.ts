import { Readable } from 'node:stream';
import {
  compileWireCheck,
  type ErrorDetail,
  errorWire,
  HeadraceError,
  type Principal,
  type WireSchema,
} from '@headrace/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../access/owner.ts';
import { insertAuditEvent } from '../store/audit.ts';
import type { ApiServices } from './api-services.ts';
import { authorize } from './authorize.ts';
import { type ApiRoute, type FileAnswer, type FileResponse, isFileResponse } from './route.ts';

/**
 * Registers every route of a table the same way: permission first, before the body is read; then each part of
 * the request checked against its schema; the handler; and, once that succeeded, the audit event.
 */
export function registerRoutes(
  app: FastifyInstance,
  routes: readonly ApiRoute[],
  services: ApiServices,
  authenticate: Authenticate,
): void {
  for (const route of routes) {
    if (route.body.kind !== 'stream') registerRoute(app, route, services, authenticate);
    else {
      const { contentTypes } = route.body;
      app.register(async (uploads) => {
        uploads.removeAllContentTypeParsers();
        uploads.addContentTypeParser([...contentTypes], (_request, payload, done) => done(null, payload));
        registerRoute(uploads, route, services, authenticate);
      });
    }
  }
}

function registerRoute(
  app: FastifyInstance,
  route: ApiRoute,
  services: ApiServices,
  authenticate: Authenticate,
): void {
  const principals = new WeakMap<FastifyRequest, Principal>();
  const { body, audit } = route;
  app.route({
    method: route.method,
    url: route.path,
    schema: describeRoute(route),
    ...(body.kind === 'json' && body.maxBytes !== undefined && { bodyLimit: body.maxBytes }),
    validatorCompiler: ({ schema, httpPart }) => checkPart(schema, httpPart),
    // Handlers make their answers member by member; nothing is left to strip.
    serializerCompiler: () => (answer) => JSON.stringify(answer),
    onRequest: async (request) => {
      const principal = authorize(authenticate, route.access, request.headers.authorization);
      if (principal !== undefined) principals.set(request, principal);
    },
    handler: async (request, reply) => {
      const principal = principals.get(request);
      const { params, query, headers } = request;
      const answer = await route.handle(services, {
        principal,
        params,
        query,
        headers,
        origin: `${request.protocol}://${request.host}`,
        body: request.body,
        bodyBytes: headers['content-length'] === undefined ? undefined : Number(headers['content-length']),
        contentType: headers['content-type'],
        signal: abortWhenGone(reply),
      });
      if (audit !== null && principal !== undefined)
        await insertAuditEvent(services.pool, {
          at: services.now(),
          principal: principal.id,
          action: audit.action,
          subjectType: audit.subjectType,
          subjectId: answer.subjectId ?? null,
          facts: answer.facts ?? {},
        });
      reply.code(route.status);
      if (!isFileResponse(route.response)) return reply.send(answer.body);
      const file = answer.body as FileAnswer;
      return reply
        .type(file.contentType)
        .header('content-disposition', `attachment; filename="${file.fileName}"`)
        .send(Readable.from(file.content));
    },
  });
}

/** What the API description says of a route, and what its requests are checked against. */
function describeRoute(route: ApiRoute): object {
  const { operationId, summary, tag, params, query, headers, body, status, response, access } = route;
  return {
    operationId,
    summary,
    tags: [tag],
    ...(access === 'public'
      ? { security: [] }
      : { description: `Needs: ${access.join(', ')}.`, security: [{ token: [] }] }),
    ...(params !== undefined && { params }),
    ...(query !== undefined && { querystring: query }),
    ...(headers !== undefined && { headers }),
    ...(body.kind === 'json' && { body: body.schema }),
    ...(body.kind === 'stream' && { consumes: body.contentTypes, body: streamSchema }),
    response: { [status]: isFileResponse(response) ? describeFile(response) : response, default: errorWire },
  };
}

const streamSchema = { type: 'string', format: 'binary', description: 'The file, of any size.' };

const describeFile = ({ contentTypes }: FileResponse): object => ({
  description: 'The file.',
  content: Object.fromEntries(contentTypes.map((type) => [type, { schema: { type: 'string' } }])),
});

const partNames: Readonly<Record<string, string>> = {
  body: 'body',
  params: 'path',
  querystring: 'query',
  headers: 'headers',
};

function checkPart(schema: WireSchema, httpPart: string | undefined) {
  const part = httpPart ?? 'body';
  if ('format' in schema && schema.format === streamSchema.format) return () => true;
  const check = compileWireCheck(schema, part === 'body' ? 'json' : 'text');
  return (value: unknown) => {
    const details = check(value);
    return details.length === 0 ? { value } : { error: refusal(partNames[part] ?? part, details) };
  };
}

const refusal = (part: string, details: readonly ErrorDetail[]): HeadraceError => {
  const [first] = details;
  const where = first?.pointer ? ` at ${first.pointer}` : '';
  return new HeadraceError(
    'invalid_input',
    `The ${part} of the request is not what this route takes${where}: ${first?.message ?? ''}`,
    { details },
  );
};

function abortWhenGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
