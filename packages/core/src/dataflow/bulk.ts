import type { HeadraceError } from '../errors/headrace-error.ts';
import type { DeliveryBatch, DeliveryItem, DeliveryOutcome } from './delivery.ts';

/**
 * Writing many records as a job that the destination works off by itself, for a handful of calls however many there
 * are. A job is opened, given its content once, and closed. Nothing is written before it is closed, and how it stands
 * can be asked at any time, so that no outcome stays unknown.
 *
 * Methods that call throw HeadraceError with a `destination_*` code. Whatever they throw, `look` tells what came of it.
 */
export interface BulkWriting {
  /** Most records of one job. */
  readonly maxRecords: number;
  /** Most bytes of its content. */
  readonly maxBytes: number;
  /** Whether records can go this way at all. Pure. */
  suits(records: Pick<BulkOrder, 'group' | 'details'>): boolean;
  /** How many records jobs may still carry today, as the destination said within the last hour; infinite where it does not say. */
  recordsLeft(signal: AbortSignal): Promise<number>;
  /** What stands before the records of a job. Pure. */
  encodeHeader(order: BulkOrder): string;
  /** A record as a job carries it; undefined where a job cannot carry what `deliver` would write. Pure. */
  encode(order: BulkOrder, item: DeliveryItem): EncodedRecord | undefined;
  /** Opens a job. One that nobody knows of, since the answer was lost, is harmless. @returns its id there. */
  open(order: BulkOrder, signal: AbortSignal): Promise<string>;
  /** Gives an open job its content, in UTF-8. */
  upload(jobId: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** From now on the destination writes. */
  close(jobId: string, signal: AbortSignal): Promise<void>;
  /** The job is to write nothing, or nothing more. */
  abort(jobId: string, signal: AbortSignal): Promise<void>;
  look(jobId: string, signal: AbortSignal): Promise<BulkStatus>;
  /**
   * What became of the records of a job that has ended, in any order, page by page.
   * @throws HeadraceError `destination_misconfigured` before the first page where every record was refused for a reason
   *   that all share.
   */
  results(
    jobId: string,
    order: BulkOrder,
    status: BulkEnd,
    signal: AbortSignal,
  ): AsyncIterable<readonly BulkResult[]>;
}

/** What the records of a job have in common. */
export type BulkOrder = Pick<DeliveryBatch, 'object' | 'group' | 'details'> & {
  /** Fields that records of the job may carry; each carries some of them. */
  readonly fields: readonly string[];
};

export type EncodedRecord = {
  /** Tells the record among those of its job. It may be personal: only a digest of it is kept. */
  readonly rowKey: string;
  readonly text: string;
};

export type BulkStatus =
  /** Not closed: nothing was written. */
  | { readonly kind: 'open' }
  | { readonly kind: 'working' }
  | BulkEnd
  /** The destination knows nothing of it any more. */
  | { readonly kind: 'gone' };

export type BulkEnd = {
  readonly kind: 'ended';
  /** Records that were looked at, those that failed among them. */
  readonly processed: number;
  readonly failed: number;
  /** Why it ended before its time; null where it was worked off to the end. */
  readonly error: HeadraceError | null;
};

export type BulkResult = {
  readonly rowKey: string;
  /** `not_processed`: certainly not written. */
  readonly outcome: DeliveryOutcome | { readonly kind: 'not_processed' };
};
