import { closeSync, openSync } from 'node:fs';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject, refuseOtherFields } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { ownValue } from '../json.ts';
import { now } from '../org/org-state.ts';
import { bulkErrors } from './bulk-errors.ts';
import { dialectOf } from './bulk-job.ts';
import { readFilePart } from './file-part.ts';
import { createdQueryJson, listedQueryJson, queryInfoJson } from './job-json.ts';
import { jobListAnswer, listParameters, readLocator, wantsJobs } from './job-list.ts';
import { readFormat, refuseUnknownProperties, textProperty } from './job-properties.ts';
import { changeState, isEnded } from './job-state.ts';
import { nextJobNumber } from './job-store.ts';
import { planQuery } from './query-columns.ts';
import { type QueryJob, queryJobs } from './query-job.ts';
import { readBatch } from './read-batch.ts';

/** Rows of one answer when the caller names no number. */
const defaultMaxRecords = 50_000;

function jobOf(call: Call): QueryJob {
  const job = queryJobs.find(call.emulator.org.database, call.params.id ?? '');
  if (job === undefined) throw apiErrors.notFound();
  return job;
}

const known = new Set(['operation', 'query', 'contentType', 'columnDelimiter', 'lineEnding']);

function createJob(call: Call): Answer {
  const { org, bulk } = call.emulator;
  const body = readJsonObject(call);
  refuseUnknownProperties(body, known);
  const operation = textProperty(body, 'operation') ?? '';
  if (operation !== 'query' && operation !== 'queryAll')
    throw bulkErrors.invalidValue('operation', operation);
  const format = readFormat(body);
  const soql = textProperty(body, 'query') ?? '';
  const userId = call.session?.userId ?? '';
  const { object } = planQuery(org, call.catalog, userId, soql);
  const instant = now(org);
  const job = queryJobs.save(org.database, {
    rid: nextJobNumber(org.database),
    state: 'UploadComplete',
    userId,
    operation,
    object,
    soql,
    ...format,
    version: call.version,
    createdAt: instant,
    modifiedAt: instant,
    resultBytes: 0,
    processed: 0,
    totalMs: 0,
    error: null,
  });
  bulk.runner.wake();
  return { status: 200, body: createdQueryJson(job) };
}

function abortJob(call: Call): Answer {
  const { org } = call.emulator;
  const job = jobOf(call);
  const body = readJsonObject(call);
  refuseOtherFields(body, ['state']);
  const wanted = ownValue(body, 'state');
  if (wanted !== 'Aborted') throw bulkErrors.invalidValue('state', String(wanted ?? ''));
  changeState(job.state, wanted);
  const aborted = queryJobs.save(org.database, { ...job, state: 'Aborted', modifiedAt: now(org) });
  return { status: 200, body: createdQueryJson(aborted) };
}

function deleteJob(call: Call): Answer {
  const { org, bulk } = call.emulator;
  const job = jobOf(call);
  if (!isEnded(job.state)) throw bulkErrors.invalidState(`Deleting ${job.state} Job not allowed`);
  queryJobs.remove(org.database, job.rid);
  bulk.files.remove(job);
  return { status: 204 };
}

function showJobs(call: Call): Answer {
  const isWanted = wantsJobs(call, 'V2Query');
  const below = readLocator(call);
  const found = (limit: number) => (isWanted ? queryJobs.list(call.emulator.org.database, below, limit) : []);
  return jobListAnswer(call, 'query', found, listedQueryJson);
}

/** A part of the results: the locator of the next part is where it begins, `null` in words after the last. */
function showResults(call: Call): Answer {
  const job = jobOf(call);
  if (job.state !== 'JobComplete')
    throw bulkErrors.invalidState(`Results are not available while the job is ${job.state}`);
  const from = positionOf(call.query.get('locator'), job);
  const path = call.emulator.bulk.files.results(job);
  const dialect = dialectOf(job);
  let records = 0;
  let to = from;
  if (from < job.resultBytes) {
    const file = openSync(path, 'r');
    try {
      const count = (): void => {
        records += 1;
      };
      to = readBatch(file, job.resultBytes, from, dialect, count, maxRecordsOf(call));
    } finally {
      closeSync(file);
    }
  }
  const { columns } = planQuery(call.emulator.org, call.catalog, job.userId, job.soql);
  const header = columns.map(({ name }) => `"${name}"`).join(dialect.delimiter) + dialect.lineEnding;
  return {
    status: 200,
    contentType: 'text/csv;charset=UTF-8',
    headers: {
      'Sforce-NumberOfRecords': String(records),
      'Sforce-Locator': to < job.resultBytes ? Buffer.from(String(to)).toString('base64url') : 'null',
    },
    stream: () => readFilePart(header, path, from, to),
    records,
  };
}

function positionOf(locator: string | null, job: QueryJob): number {
  if (locator === null) return 0;
  const text = Buffer.from(locator, 'base64url').toString();
  if (!/^\d{1,15}$/.test(text) || Number(text) >= job.resultBytes)
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  return Number(text);
}

function maxRecordsOf(call: Call): number {
  const text = call.query.get('maxRecords');
  if (text === null) return defaultMaxRecords;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw bulkErrors.invalidValue('maxRecords', text);
  return Number(text);
}

const base = '/services/data/:version/jobs/query';

const routes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: showJobs, POST: createJob }, parameters: listParameters },
  {
    path: `${base}/:id`,
    access: 'session',
    methods: {
      GET: (call) => ({ status: 200, body: queryInfoJson(jobOf(call)) }),
      PATCH: abortJob,
      DELETE: deleteJob,
    },
  },
  {
    path: `${base}/:id/results`,
    access: 'session',
    methods: { GET: showResults },
    parameters: { GET: ['locator', 'maxRecords'] },
  },
];

/** Bulk API 2.0: query jobs, from version 47.0 on. */
export const bulkQueryRoutes: readonly Route[] = routes.map((route) => ({ ...route, since: 47 }));
