import { setTimeout as sleep } from 'node:timers/promises';
import type { RestAnswer, RestClient } from './rest-client.ts';

type Row = readonly string[];

/** A job that ended, with its result files taken apart. */
export interface FinishedJob {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly job: any;
  readonly successes: readonly Row[];
  readonly failures: readonly Row[];
  readonly unprocessed: string;
}

/** Bulk API 2.0 as the tests call it. */
export interface BulkClient {
  readonly create: (request: object) => Promise<RestAnswer>;
  readonly upload: (id: string, rows: string) => Promise<RestAnswer>;
  readonly patch: (id: string, state: string) => Promise<RestAnswer>;
  readonly results: (id: string, kind: string) => Promise<RestAnswer>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly wait: (id: string) => Promise<any>;
  /** Creates, uploads, closes, and waits for the end. */
  readonly finish: (request: object, rows: string) => Promise<Pick<FinishedJob, 'id' | 'job'>>;
  /** The same, with the results. */
  readonly run: (request: object, rows: string) => Promise<FinishedJob>;
}

/** Rows of a result file whose values are all quoted and hold no line break; the header left out. */
const rowsOf = (csv: string): readonly Row[] =>
  csv
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.slice(1, -1).split(/"[,;\t|^`]"/));

export function bulkClient(client: RestClient): BulkClient {
  const create: BulkClient['create'] = (request) => client.rest('POST', '/jobs/ingest', request);
  const upload: BulkClient['upload'] = (id, rows) =>
    client.call('PUT', `/services/data/v67.0/jobs/ingest/${id}/batches`, rows, {
      'content-type': 'text/csv',
    });
  const patch: BulkClient['patch'] = (id, state) => client.rest('PATCH', `/jobs/ingest/${id}`, { state });
  const results: BulkClient['results'] = (id, kind) => client.rest('GET', `/jobs/ingest/${id}/${kind}`);
  const wait: BulkClient['wait'] = async (id) => {
    for (;;) {
      const { body } = await client.rest('GET', `/jobs/ingest/${id}`);
      if (!['UploadComplete', 'InProgress'].includes(body.state)) return body;
      await sleep(5);
    }
  };
  const finish: BulkClient['finish'] = async (request, rows) => {
    const created = await create(request);
    const id: string = created.body.id;
    await upload(id, rows);
    await patch(id, 'UploadComplete');
    return { id, job: await wait(id) };
  };
  const run: BulkClient['run'] = async (request, rows) => {
    const { id, job } = await finish(request, rows);
    const [successes, failures, unprocessed] = await Promise.all(
      ['successfulResults', 'failedResults', 'unprocessedrecords'].map((kind) => results(id, kind)),
    );
    return {
      id,
      job,
      successes: rowsOf(successes?.body ?? ''),
      failures: rowsOf(failures?.body ?? ''),
      unprocessed: unprocessed?.body ?? '',
    };
  };
  return { create, upload, patch, results, wait, finish, run };
}
