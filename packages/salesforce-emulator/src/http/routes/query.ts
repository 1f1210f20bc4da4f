import { ApiError, apiErrors } from '../../errors/api-error.ts';
import { continueQuery, defaultBatchSize, runQuery } from '../../soql/run-query.ts';
import type { Answer, Call, Route } from '../route.ts';

/** Page size from `Sforce-Query-Options: batchSize=500`, kept within 200 and 2,000. */
function batchSizeOf(call: Call): number {
  const header = call.headers['sforce-query-options'];
  const wanted = /batchSize\s*=\s*(\d{1,6})/i.exec(typeof header === 'string' ? header : '')?.[1];
  return wanted === undefined ? defaultBatchSize : Math.min(Math.max(Number(wanted), 200), defaultBatchSize);
}

const query =
  (includeDeleted: boolean) =>
  (call: Call): Answer => {
    const soql = call.query.get('q');
    if (call.query.has('explain')) throw apiErrors.notImplemented('Query explain');
    if (call.query.get('columns') === 'true') throw apiErrors.notImplemented('Query column metadata');
    if (soql === null || soql === '')
      throw new ApiError(400, 'MALFORMED_QUERY', 'A query string has to be specified');
    const { org, cursors } = call.emulator;
    const options = {
      catalog: call.catalog,
      version: call.version,
      batchSize: batchSizeOf(call),
      includeDeleted,
    };
    const body = runQuery(org, cursors, soql, options);
    return { status: 200, body, records: Array.isArray(body.records) ? body.records.length : 0 };
  };

function nextPage(call: Call): Answer {
  const { org, cursors } = call.emulator;
  const body = continueQuery(org, cursors, call.params.cursor ?? '', call.version, batchSizeOf(call));
  return { status: 200, body, records: Array.isArray(body.records) ? body.records.length : 0 };
}

const base = '/services/data/:version';
export const queryRoutes: readonly Route[] = [
  { path: `${base}/query`, access: 'session', methods: { GET: query(false) } },
  { path: `${base}/queryAll`, access: 'session', methods: { GET: query(true) } },
  { path: `${base}/query/:cursor`, access: 'session', methods: { GET: nextPage } },
  { path: `${base}/queryAll/:cursor`, access: 'session', methods: { GET: nextPage } },
];
