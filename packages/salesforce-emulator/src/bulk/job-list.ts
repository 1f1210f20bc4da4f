import { ApiError } from '../errors/api-error.ts';
import { queryFlag } from '../http/query-flag.ts';
import type { Answer, Call } from '../http/route.ts';
import { createRecordId, recordNumberOf } from '../org/record-id.ts';
import type { StoredJob } from './job-store.ts';

const maxListed = 1_000;

/** What a list of jobs can be asked by. */
export const listParameters = { GET: ['jobType', 'isPkChunkingEnabled', 'queryLocator'] };

/** Whether a list is to have jobs of this type; none here cuts its work up by primary key. */
export const wantsJobs = (call: Call, jobType: string): boolean =>
  (call.query.get('jobType') ?? jobType) === jobType && !queryFlag(call, 'isPkChunkingEnabled');

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
