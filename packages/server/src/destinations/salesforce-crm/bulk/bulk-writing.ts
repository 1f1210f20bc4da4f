import {
  type BulkEnd,
  type BulkOrder,
  type BulkResult,
  type BulkStatus,
  type BulkWriting,
  type DeliveryItem,
  type EncodedRecord,
  HeadraceError,
} from '@headrace/core';
import { readDetails } from '../dataflow-details.ts';
import type { SalesforceClient } from '../salesforce-client.ts';
import { encodeHeader, encodeRow, keyColumnOf } from './bulk-columns.ts';
import { readResults } from './bulk-results.ts';
import { readStatus } from './bulk-status.ts';

/** Rows of one of the batches into which Salesforce parts a job; a day has so many of them. Source: Bulk API limits. */
const batchRows = 10_000;
const limitsMaxAgeMs = 60 * 60_000;
const jobIdPattern = /^750[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/;
const jobs = '/jobs/ingest';

/** Bulk API 2.0. Source: Bulk API 2.0 Developer Guide, "Bulk API 2.0 Ingest". */
export class SalesforceBulk implements BulkWriting {
  /** Ten batches: results of more would be waited for longer than calls are saved. */
  readonly maxRecords = 100_000;
  /** 150 MB once Salesforce has them in base64. */
  readonly maxBytes = 100_000_000;
  readonly #client: SalesforceClient;
  readonly #now: () => Date;
  #limits: { readonly records: number; readonly readAtMs: number } | undefined;

  constructor(client: SalesforceClient, now: () => Date) {
    this.#client = client;
    this.#now = now;
  }

  /** Jobs cannot be told to obey an org's rules otherwise than it does by itself, and always write what they match. */
  suits({ group, details }: Pick<BulkOrder, 'group' | 'details'>): boolean {
    const { bulk, write, assignmentRules, duplicateAlerts, matchField } = readDetails(details);
    if (bulk === 'never' || duplicateAlerts === 'pass') return false;
    return group === 'update' || (write === 'upsert' && assignmentRules === 'none' && matchField !== 'Id');
  }

  async recordsLeft(signal: AbortSignal): Promise<number> {
    const at = this.#now().getTime();
    if (this.#limits === undefined || at - this.#limits.readAtMs >= limitsMaxAgeMs) {
      const answer = await this.#client
        .call(
          { method: 'GET', path: '/limits', purpose: 'read', effect: 'read', what: 'for its limits' },
          signal,
        )
        .catch(hidden);
      this.#limits = { records: remainingBatches(answer) * batchRows, readAtMs: at };
    }
    return this.#limits.records;
  }

  encodeHeader(order: BulkOrder): string {
    return encodeHeader(order);
  }

  encode(order: BulkOrder, item: DeliveryItem): EncodedRecord | undefined {
    return encodeRow(order, item);
  }

  async open(order: BulkOrder, signal: AbortSignal): Promise<string> {
    const { object, group } = order;
    const kind =
      group === 'update'
        ? { operation: 'update' }
        : { operation: 'upsert', externalIdFieldName: keyColumnOf(order) };
    const job = await this.#client.call(
      {
        method: 'POST',
        path: jobs,
        body: { object, ...kind, contentType: 'CSV', lineEnding: 'LF', columnDelimiter: 'COMMA' },
        purpose: 'deliver',
        // One that is lost stays open and writes nothing.
        effect: 'read',
        what: 'to open a Bulk job',
      },
      signal,
    );
    const id = typeof job === 'object' && job !== null && 'id' in job ? String(job.id) : '';
    if (!jobIdPattern.test(id))
      throw new HeadraceError('destination_unavailable', 'Salesforce opened a Bulk job without an id.');
    return id;
  }

  async upload(jobId: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const body = await this.#client.transfer(
      {
        method: 'PUT',
        path: `${jobs}/${jobId}/batches`,
        content,
        purpose: 'deliver',
        what: 'to take the rows of a Bulk job',
      },
      signal,
    );
    body.on('error', () => undefined).resume();
  }

  close(jobId: string, signal: AbortSignal): Promise<void> {
    return this.#change(jobId, 'UploadComplete', 'to start a Bulk job', signal);
  }

  abort(jobId: string, signal: AbortSignal): Promise<void> {
    return this.#change(jobId, 'Aborted', 'to abort a Bulk job', signal);
  }

  async look(jobId: string, signal: AbortSignal): Promise<BulkStatus> {
    const answer = await this.#client.call(
      {
        method: 'GET',
        path: `${jobs}/${jobId}`,
        purpose: 'read',
        effect: 'read',
        mayBeAbsent: true,
        what: 'how a Bulk job stands',
      },
      signal,
    );
    return readStatus(answer);
  }

  results(
    jobId: string,
    order: BulkOrder,
    end: BulkEnd,
    signal: AbortSignal,
  ): AsyncIterable<readonly BulkResult[]> {
    return readResults(order, end, (file) =>
      this.#client.transfer(
        {
          method: 'GET',
          path: `${jobs}/${jobId}/${file}`,
          purpose: 'read',
          what: 'for the results of a Bulk job',
        },
        signal,
      ),
    );
  }

  async #change(jobId: string, state: string, what: string, signal: AbortSignal): Promise<void> {
    const path = `${jobs}/${jobId}`;
    await this.#client.call(
      // What came of it is asked for by whoever hears no answer.
      { method: 'PATCH', path, body: { state }, purpose: 'deliver', effect: 'read', what },
      signal,
    );
  }
}

/**
 * Limits are shown to whoever may View Setup and Configuration, which nothing else needs: Salesforce says so itself where
 * none is left.
 */
function hidden(error: unknown): undefined {
  if (error instanceof HeadraceError && error.code === 'destination_misconfigured') return undefined;
  throw error;
}

/** `{"DailyBulkApiBatches":{"Max":15000,"Remaining":14990},…}`; without end where it says nothing of them. */
function remainingBatches(answer: unknown): number {
  const limits: Readonly<Record<string, unknown>> =
    typeof answer === 'object' && answer !== null ? { ...answer } : {};
  const batches = limits.DailyBulkApiBatches;
  const remaining =
    typeof batches === 'object' && batches !== null && 'Remaining' in batches ? batches.Remaining : undefined;
  return typeof remaining === 'number' ? Math.max(0, remaining) : Number.POSITIVE_INFINITY;
}
