import { catalogOf, hasUserPermission } from '../access/user-access.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { mayUseResource } from '../oauth/scopes.ts';
import type { Session } from '../oauth/sessions.ts';
import { LockWait } from '../org/row-locks.ts';
import type { Catalog } from '../schema/catalog.ts';
import { checkVersion } from './api-version.ts';
import { bearerToken } from './bearer-token.ts';
import { errorAnswer } from './error-answer.ts';
import { refuseForeignPage } from './foreign-page.ts';
import {
  type Answer,
  type Call,
  createMatcher,
  type Handler,
  type Incoming,
  type InnerCall,
  type Match,
} from './route.ts';
import { routes } from './routes.ts';

const findRoute = createMatcher(routes);
const maxUriLength = 16_384;
const noBody = Buffer.alloc(0);

/** Parts of Salesforce's REST API that exist in an org and not here yet. */
const laterResources = new Set([
  'actions',
  'analytics',
  'appMenu',
  'async-queries',
  'chatter',
  'commerce',
  'compactLayouts',
  'connect',
  'consent',
  'dashboards',
  'domino',
  'event',
  'jobs',
  'knowledgeManagement',
  'metadata',
  'parameterizedSearch',
  'process',
  'quickActions',
  'recent',
  'search',
  'smartdatadiscovery',
  'support',
  'tabs',
  'theme',
  'tooling',
  'ui-api',
  'wave',
]);

/**
 * Answers one call; every refusal and every surprise becomes an answer in Salesforce's form. Throws only a
 * {@link LockWait}, and that only within `holdLocks`.
 */
export function dispatch(call: Incoming, url: string): Answer {
  try {
    if (url.length > maxUriLength)
      throw new ApiError(
        414,
        'URI_TOO_LONG',
        `The URI is ${url.length} bytes; at most ${maxUriLength} are accepted.`,
      );
    refuseLongHeaders(call, url);
    return route(call);
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    if (error instanceof LockWait) throw error;
    console.error(error);
    return errorAnswer(
      new ApiError(
        500,
        'UNKNOWN_EXCEPTION',
        'An unexpected error occurred in the emulator; its log has the cause.',
      ),
    );
  }
}

/** Salesforce counts the headers together with the URI. */
function refuseLongHeaders({ path, headers }: Incoming, url: string): void {
  if (!path.startsWith('/services/')) return;
  let length = url.length;
  for (const [name, value] of Object.entries(headers)) length += name.length + String(value ?? '').length;
  if (length > maxUriLength)
    throw new ApiError(
      431,
      'REQUEST_HEADER_FIELDS_TOO_LARGE',
      `The URI and the headers are ${length} bytes; at most ${maxUriLength} are accepted.`,
    );
}

function route(call: Incoming): Answer {
  const match = findRoute(call.path);
  const access = match?.route.access ?? (call.path.startsWith('/services/data/') ? 'session' : 'open');
  if (access === 'local') refuseForeignPage(call);
  const base: Call = {
    ...call,
    params: match?.params ?? {},
    version: '',
    session: undefined,
    catalog: call.emulator.org.catalog,
    run: () => {
      throw new Error('Only a signed-in call holds others.');
    },
  };
  if (access !== 'session') return run(call.path, match, base);
  return limited(base, match);
}

/** REST calls: version, session, then the org's allowance; each carries its use in `Sforce-Limit-Info`. */
function limited(base: Call, match: Match | undefined): Answer {
  const segment = base.path.split('/').filter((part) => part !== '')[2] ?? '';
  refuseVersion(segment);
  const { sessions, calls } = base.emulator;
  const header = base.headers.authorization;
  const token = bearerToken(header);
  if (header !== undefined && token === undefined) throw apiErrors.authHeader();
  const session = token === undefined ? undefined : sessions.find(token);
  if (session === undefined) throw apiErrors.session();
  if (!mayUseResource(session.restAccess, base.path)) throw apiErrors.sessionNotForRest();
  if (!hasUserPermission(base.emulator.org, session.userId, 'ApiEnabled')) throw apiErrors.apiDisabled();
  const allowed = calls.allowed();
  const isOver = base.isRepeat !== true && calls.used() >= allowed;
  if (!isOver && base.isRepeat !== true) calls.count();
  const answer = isOver
    ? errorAnswer(apiErrors.requestLimit())
    : answered(() => run(base.path, match, signedIn(base, session, segment.slice(1))));
  const usage = { 'Sforce-Limit-Info': `api-usage=${calls.used()}/${allowed}` };
  return { ...answer, headers: { ...usage, ...answer.headers } };
}

/** The call with what a session gives it. Calls inside it see what the user sees by then. */
function signedIn(base: Call, session: Session, version: string): Call {
  const seen = (): Catalog => catalogOf(base.emulator.org, session.userId);
  const answerInner = ({ url, method, headers, json }: InnerCall): Answer => {
    const { pathname, search } = splitUrl(url);
    const found = findRoute(pathname);
    const segment = pathname.split('/').filter((part) => part !== '')[2] ?? '';
    refuseVersion(segment);
    if (found !== undefined && found.route.access !== 'session') throw apiErrors.notFound();
    const inner: Call = {
      ...call,
      method,
      headers,
      body: noBody,
      upload: undefined,
      json,
      path: pathname,
      query: new URLSearchParams(search),
      params: found?.params ?? {},
      version: segment.slice(1),
      catalog: seen(),
    };
    return run(pathname, found, inner);
  };
  const call: Call = {
    ...base,
    session,
    version,
    catalog: seen(),
    run: (inner) => answered(() => answerInner(inner)),
  };
  return call;
}

/** A path with its query taken apart. */
export function splitUrl(url: string): { readonly pathname: string; readonly search: string } {
  const question = url.indexOf('?');
  return question < 0
    ? { pathname: url, search: '' }
    : { pathname: url.slice(0, question), search: url.slice(question + 1) };
}

/** Throws for a version that is not served here. */
function refuseVersion(segment: string): void {
  const life = checkVersion(segment);
  if (life === 'retired') throw apiErrors.unsupportedVersion();
  if (life === 'older') throw apiErrors.notImplemented(`Version ${segment.slice(1)} of the API`);
  if (life === 'unknown') throw apiErrors.notFound();
}

/** What `work` answers; its refusals too become answers. */
function answered(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error);
    throw error;
  }
}

function run(path: string, match: Match | undefined, call: Call): Answer {
  if (match === undefined) throw missingResource(path);
  if (Number(call.version) < (match.route.since ?? 0)) throw apiErrors.notFound();
  const { methods } = match.route;
  const method =
    call.method === 'POST' ? (call.query.get('_HttpMethod') ?? 'POST').toUpperCase() : call.method;
  const handler: Handler | undefined = Object.hasOwn(methods, method)
    ? methods[method]
    : method === 'HEAD'
      ? methods.GET
      : undefined;
  if (handler !== undefined) {
    if (match.route.access === 'session')
      refuseIgnored(call, match.route.parameters?.[method === 'HEAD' ? 'GET' : method] ?? []);
    return handler({ ...call, method });
  }
  const allowed = Object.keys(methods);
  throw apiErrors.method(method, allowed.includes('GET') ? ['HEAD', ...allowed] : allowed);
}

/** What the emulator would leave out of account is refused: an answer without it could be a wrong success. */
function refuseIgnored({ method, query, headers }: Call, known: readonly string[]): void {
  for (const name of query.keys())
    if (!known.includes(name) && !(name === '_HttpMethod' && method === 'POST'))
      throw apiErrors.notImplemented(`The parameter '${name}' of this resource`);
  if (/\bxml\b/i.test(headers.accept ?? '') && !/\bjson\b|\*\/\*/i.test(headers.accept ?? ''))
    throw apiErrors.notImplemented('An answer in XML');
}

function missingResource(path: string): ApiError {
  const [, , , resource, ...rest] = path.split('/').filter((part) => part !== '');
  const isData = path.startsWith('/services/data/');
  if (isData && resource !== undefined && laterResources.has(resource))
    return apiErrors.notImplemented(`The resource ${resource}`);
  if (isData && resource === 'sobjects' && rest.length > 1)
    return apiErrors.notImplemented(`The resource sobjects/…/${rest.slice(1).join('/')}`);
  if (/^\/services\/(?:Soap|async|apexrest|oauth2)\//.test(path))
    return apiErrors.notImplemented(`The resource ${path}`);
  return apiErrors.notFound();
}
