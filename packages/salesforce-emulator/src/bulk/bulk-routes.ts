import { renameSync, writeFileSync } from 'node:fs';
import { hasUserPermission } from '../access/user-access.ts';
import { ApiError, apiErrors } from '../errors/api-error.ts';
import { readJsonObject, readText, refuseOtherFields } from '../http/request-body.ts';
import type { Answer, Call, Route } from '../http/route.ts';
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { now } from '../org/org-state.ts';
import { bulkErrors } from './bulk-errors.ts';
import { type BulkJob, ingestJobs } from './bulk-job.ts';
import { bulkAllowance } from './bulk-quota.ts';
import { readJobRequest } from './create-job.ts';
import { changedJobJson, createdJobJson, jobInfoJson, listedJobJson } from './job-json.ts';
import { jobListAnswer, listParameters, readLocator, wantsJobs } from './job-list.ts';
import { type ResultKind, resultStream } from './job-results.ts';
import { changeState, isEnded, refuseUpload } from './job-state.ts';
import { nextJobNumber } from './job-store.ts';
import { boundaryOf, readMultipartJob } from './multipart-job.ts';

function jobOf(call: Call): BulkJob {
  const job = ingestJobs.find(call.emulator.org.database, call.params.id ?? '');
  if (job === undefined) throw apiErrors.notFound();
  return job;
}

/** A job to be changed: only its creator may. */
function ownJobOf(call: Call): BulkJob {
  const job = jobOf(call);
  if (job.userId !== call.session?.userId) throw bulkErrors.invalidUser();
  return job;
}

function newJob(call: Call, body: JsonObject): BulkJob {
  const { org } = call.emulator;
  const userId = call.session?.userId ?? '';
  const request = readJobRequest(call.catalog, body, hasUserPermission(org, userId, 'BulkApiHardDelete'));
  const allowance = bulkAllowance(org);
  if (allowance.batches === 0 || allowance.rows === 0) throw bulkErrors.exceededQuota();
  const instant = now(org);
  return {
    ...request,
    rid: nextJobNumber(org.database),
    userId,
    version: call.version,
    state: 'Open',
    createdAt: instant,
    modifiedAt: instant,
    closedAt: null,
    startedAt: null,
    call: null,
    uploadBytes: null,
    nextByte: 0,
    batches: 0,
    retries: 0,
    processed: 0,
    failed: 0,
    successBytes: 0,
    failureBytes: 0,
    totalMs: 0,
    activeMs: 0,
    error: null,
  };
}

function createJob(call: Call): Answer {
  const { org, bulk } = call.emulator;
  const boundary = boundaryOf(call.headers['content-type']);
  if (boundary === undefined) {
    const job = ingestJobs.save(org.database, newJob(call, readJsonObject(call)));
    return { status: 200, body: createdJobJson(job) };
  }
  const { job: description, content } = readMultipartJob(readText(call), boundary);
  const opened = newJob(call, parseObject(description));
  writeFileSync(bulk.files.upload(opened), content);
  const job = closed(call, { ...opened, uploadBytes: Buffer.byteLength(content) });
  return { status: 200, body: createdJobJson(job) };
}

function parseObject(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw apiErrors.json('Unexpected character at [line:1, column:1]');
  }
  if (!isJsonObject(value))
    throw apiErrors.json('The part "job" must be a JSON object at [line:1, column:1]');
  return value;
}

function uploadRows(call: Call): Answer {
  const { org, bulk } = call.emulator;
  const job = ownJobOf(call);
  if (call.upload === undefined)
    throw new ApiError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Type '${call.headers['content-type'] ?? ''}' is not supported for this resource; send text/csv.`,
    );
  refuseUpload(job);
  renameSync(call.upload.path, bulk.files.upload(job));
  ingestJobs.save(org.database, { ...job, uploadBytes: call.upload.bytes, modifiedAt: now(org) });
  return { status: 201 };
}

function closed(call: Call, job: BulkJob): BulkJob {
  const { org, bulk } = call.emulator;
  const instant = now(org);
  const changed = ingestJobs.save(org.database, {
    ...job,
    state: 'UploadComplete',
    closedAt: instant,
    modifiedAt: instant,
    call: call.sequence,
  });
  bulk.runner.wake();
  return changed;
}

function changeJob(call: Call): Answer {
  const { org } = call.emulator;
  const job = ownJobOf(call);
  const body = readJsonObject(call);
  refuseOtherFields(body, ['state']);
  const wanted = ownValue(body, 'state') ?? '';
  const state = changeState(job.state, typeof wanted === 'string' ? wanted : JSON.stringify(wanted));
  const changed =
    state === 'UploadComplete'
      ? closed(call, job)
      : ingestJobs.save(org.database, { ...job, state, modifiedAt: now(org) });
  return { status: 200, body: changedJobJson(changed) };
}

function deleteJob(call: Call): Answer {
  const { org, bulk } = call.emulator;
  const job = ownJobOf(call);
  if (job.state === 'Open' || job.state === 'InProgress')
    throw bulkErrors.invalidState(`Deleting ${job.state} Job not allowed`);
  ingestJobs.remove(org.database, job.rid);
  bulk.files.remove(job);
  return { status: 204 };
}

const showJob = (call: Call): Answer => ({ status: 200, body: jobInfoJson(jobOf(call)) });

function showJobs(call: Call): Answer {
  const { database } = call.emulator.org;
  const isWanted = wantsJobs(call, 'V2Ingest');
  const below = readLocator(call);
  const find = (limit: number) => (isWanted ? ingestJobs.list(database, below, limit) : []);
  return jobListAnswer(call, 'ingest', find, listedJobJson);
}

const showResults =
  (kind: ResultKind) =>
  (call: Call): Answer => {
    const job = jobOf(call);
    if (!isEnded(job.state))
      throw bulkErrors.invalidState(`Results are not available while the job is ${job.state}`);
    const { files } = call.emulator.bulk;
    return {
      status: 200,
      contentType: 'text/csv;charset=UTF-8',
      stream: () => resultStream(job, files, kind),
      records:
        kind === 'failures' ? job.failed : kind === 'successes' ? job.processed - job.failed : undefined,
    };
  };

const base = '/services/data/:version/jobs/ingest';
const results = (name: string, kind: ResultKind): Route => ({
  path: `${base}/:id/${name}`,
  access: 'session',
  methods: { GET: showResults(kind) },
});

/** Bulk API 2.0: ingest jobs. Clients spell the unprocessed records both ways. */
export const bulkRoutes: readonly Route[] = [
  { path: base, access: 'session', methods: { GET: showJobs, POST: createJob }, parameters: listParameters },
  { path: `${base}/:id`, access: 'session', methods: { GET: showJob, PATCH: changeJob, DELETE: deleteJob } },
  { path: `${base}/:id/batches`, access: 'session', methods: { PUT: uploadRows } },
  results('successfulResults', 'successes'),
  results('failedResults', 'failures'),
  results('unprocessedrecords', 'unprocessed'),
  results('unprocessedRecords', 'unprocessed'),
];
