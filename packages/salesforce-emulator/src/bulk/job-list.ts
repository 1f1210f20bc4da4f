import { ApiError, apiErrors } from '../errors/api-error.ts';
import { queryFlag } from '../http/query-flag.ts';
import type { Answer, Call } from '../http/route.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import { bulkErrors } from './bulk-errors.ts';
import type { StoredJob } from './job-store.ts';

const maxListed = 1_000;

/** What a list of jobs can be asked by. */
export const listParameters = { GET: ['jobType', 'isPkChunkingEnabled', 'queryLocator'] };

/** Types of jobs that an org can have and this one never has. */
const otherTypes = new Set(['BigObjectIngest', 'Classic']);

/**
 * Whether a list is to have the jobs of this type: others there are none of, nor such as cut their work up by
 * primary key. Throws for what is no type, and 501 for the other list's.
 */
export function wantsJobs(call: Call, own: 'V2Ingest' | 'V2Query'): boolean {
  const wanted = call.query.get('jobType') ?? own;
  if (wanted === own) return !queryFlag(call, 'isPkChunkingEnabled');
  if (otherTypes.has(wanted)) return false;
  if (wanted === 'V2Ingest' || wanted === 'V2Query')
    throw apiErrors.notImplemented(`A list of ${wanted} jobs here`);
  throw bulkErrors.invalidValue('jobType', wanted);
}

/** The number below which a list of jobs goes on. Throws for a locator that none of them gave. */
export function readLocator(call: Call): number {
  const locator = call.query.get('queryLocator') ?? '';
  if (locator === '') return Number.MAX_SAFE_INTEGER;
  const rid = /^01g[0-9A-Za-z]{15}-\d+$/.test(locator) ? recordNumberOf(locator) : undefined;
  if (rid === undefined) throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return rid;
}

/** Answers a list of jobs, at most 1,000 of them; `find` gives the newest that remain. */
export function jobListAnswer<Job extends StoredJob>(
  call: Call,
  kind: 'ingest' | 'query',
  find: (limit: number) => readonly Job[],
  json: (job: Job) => object,
): Answer {
  const found = find(maxListed + 1);
  const shown = found.slice(0, maxListed);
  const last = shown.at(-1);
  const isDone = last === undefined || found.length <= maxListed;
  const next = isDone ? null : `${createRecordId('01g', last.rid)}-${maxListed}`;
  const nextRecordsUrl =
    next === null ? null : `/services/data/v${call.version}/jobs/${kind}?queryLocator=${next}`;
  return { status: 200, body: { done: isDone, records: shown.map(json), nextRecordsUrl } };
}
