import { isUtf8 } from 'node:buffer';
import fastifySwagger from '@fastify/swagger';
import { type CallBudget, HeadraceError, invalidInput } from '@headrace/core';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Authenticate } from '../access/owner.ts';
import type { Sealer } from '../catalog/sealer.ts';
import { recordFirstCalls } from '../delivery/call-budget.ts';
import { ProfileScans } from '../segmentation/profile-scans.ts';
import type { ApiServices } from './api-services.ts';
import { replyWithError } from './error-reply.ts';
import { homePage } from './home-page.ts';
import { pageHeaders } from './html-page.ts';
import { registerOauthCallback } from './oauth-callback.ts';
import { registerRoutes } from './register-routes.ts';
import { requireHost } from './require-host.ts';
import { routeTable } from './route-table.ts';

export type ApiOptions = Omit<ApiServices, 'accounts' | 'profileScans'> & {
  readonly sealer: Sealer;
  readonly budgetFor: (accountId: string) => CallBudget;
  readonly authenticate: Authenticate;
  /** Beside loopback and that of `publicUrl` the only host that requests may name. */
  readonly host: string;
  /** Shown in the API description. */
  readonly version: string;
  /** Gets one line per answer, without URL, body or personal data. */
  readonly log: FastifyBaseLogger;
};

const megabyte = 1024 * 1024;

/** Makes the HTTP server with all its routes, ready to listen or to be given requests. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { pool, people, destinations, connections, sealer, budgetFor, now } = options;
  const { authenticate, host, publicUrl, version, log, apiCallAllowance, defaultPhoneRegion } = options;
  const hosts = publicUrl === undefined ? [host] : [host, new URL(publicUrl).hostname];
  const services: ApiServices = {
    pool,
    people,
    profileScans: new ProfileScans(pool),
    destinations,
    connections,
    accounts: {
      pool,
      destinations,
      connections,
      sealer,
      budgetFor,
      recordCalls: (organization, calls, at) =>
        recordFirstCalls(pool, organization, calls, at, apiCallAllowance),
      now,
    },
    apiCallAllowance,
    defaultPhoneRegion,
    publicUrl,
    now,
  };
  const app = fastify({
    loggerInstance: log,
    // Its lines hold URLs, and queries hold identities.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: megabyte,
    exposeHeadRoutes: false,
    frameworkErrors: replyWithError,
  });
  app.setErrorHandler(replyWithError);
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no route ${request.method} with this path. /openapi.json lists all routes.`;
    replyWithError(new HeadraceError('not_found', message), request, reply);
  });
  app.addHook('onRequest', async (request, reply) => {
    requireHost(request.hostname, hosts);
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    request.log.info({ method, route: routeOptions.url, status: reply.statusCode, durationMs }, 'Answered');
  });

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Headrace',
        description: 'Keeps Salesforce CRM in step with customer segments.',
        version,
      },
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token of the owner is in the file owner-token of the data folder.',
          },
        },
      },
    },
  });
  app.removeContentTypeParser('text/plain');
  requireUtf8Json(app);
  registerRoutes(app, routeTable, services, authenticate);
  registerPublicPages(app, services);
  await app.ready();
  return app;
}

/** By itself the parser takes bytes that are no UTF-8 for question marks, and would store these. */
function requireUtf8Json(app: FastifyInstance): void {
  // Each record is checked for such keys by itself, so that one does not fail its neighbours.
  const parse = app.getDefaultJsonParser('ignore', 'ignore');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Many clients name a content type also where there is nothing to send.
    if (body.length === 0 && !takesBody(request)) return done(null, undefined);
    if (isUtf8(body)) return parse(request, body.toString(), done);
    done(invalidInput('The body is no UTF-8 text. Expected JSON in UTF-8.'));
  });
}

const takesBody = ({ routeOptions: { schema } }: FastifyRequest): boolean => schema?.body !== undefined;

/** What is no JSON of the contract; open to everyone. */
function registerPublicPages(app: FastifyInstance, services: ApiServices): void {
  app.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply.headers(pageHeaders).send(homePage),
  );
  registerOauthCallback(app, services);
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
