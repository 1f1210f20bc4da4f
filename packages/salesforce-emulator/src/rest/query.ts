import { ApiError } from '../errors/api-error.ts';
import { queryFlag } from '../http/query-flag.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import type { JsonObject } from '../json.ts';
import { purgeBin } from '../records/recycle-bin.ts';
import {
  continueQuery,
  defaultBatchSize,
  describeQuery,
  type QueryContext,
  runQuery,
} from '../soql/run-query.ts';
import { isDefinitionQuery, toolingCatalog, toolingView } from '../tooling/tooling-view.ts';

const minBatchSize = 200;

/** Page size from `Sforce-Query-Options: batchSize=500`, kept within 200 and 2,000. */
function batchSizeOf(call: Call): number {
  const header = call.headers['sforce-query-options'];
  const wanted = /batchSize\s*=\s*(\d{1,6})/i.exec(typeof header === 'string' ? header : '')?.[1];
  return wanted === undefined
    ? defaultBatchSize
    : Math.min(Math.max(Number(wanted), minBatchSize), defaultBatchSize);
}

const contextOf = (call: Call): QueryContext => ({
  org: call.emulator.org,
  catalog: call.catalog,
  cursors: call.emulator.cursors,
  userId: call.session?.userId ?? '',
  version: call.version,
  batchSize: batchSizeOf(call),
});

/** Queries over objects and fields see those that the user sees. The answer is one page. */
const definitionContext = (call: Call): QueryContext => ({
  ...contextOf(call),
  org: toolingView(call.emulator.org, call.catalog),
  catalog: toolingCatalog,
  cursors: new Map(),
  batchSize: Number.MAX_SAFE_INTEGER,
});

const page = (body: JsonObject): Answer => ({
  status: 200,
  body,
  records: Array.isArray(body.records) ? body.records.length : 0,
});

const query =
  (includeDeleted: boolean) =>
  (call: Call): Answer => {
    const soql = call.query.get('q') ?? '';
    if (soql.trim() === '') throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
    const context = isDefinitionQuery(soql) ? definitionContext(call) : contextOf(call);
    if (queryFlag(call, 'columns')) return { status: 200, body: describeQuery(context, soql) };
    if (includeDeleted) purgeBin(call.emulator.org);
    return page(runQuery(context, soql, includeDeleted));
  };

const nextPage = (call: Call): Answer => page(continueQuery(contextOf(call), call.params.cursor ?? ''));

const base = '/services/data/:version';
const parameters = { GET: ['q', 'columns'] };
export const queryRoutes: readonly Route[] = [
  { path: `${base}/query`, access: 'session', methods: { GET: query(false) }, parameters },
  { path: `${base}/queryAll`, access: 'session', methods: { GET: query(true) }, parameters },
  { path: `${base}/query/:cursor`, access: 'session', methods: { GET: nextPage } },
  { path: `${base}/queryAll/:cursor`, access: 'session', methods: { GET: nextPage } },
];
