import type { MappingRow } from '../mapping/mapping.ts';
import type { BulkWriting } from './bulk.ts';
import type { ConnectionReport } from './connection-report.ts';
import type {
  DeliveryBatch,
  DeliveryOutcome,
  PreparedMemberships,
  PreparedRecord,
  PrepareInput,
  ReadBatch,
  ReadRecord,
  RemovalBatch,
  RemovalOutcome,
  SegmentStanding,
} from './delivery.ts';
import type { DataflowDetails } from './destination.ts';
import type { TargetField } from './target-field.ts';

/** What of a dataflow decides how it tells of segments. */
export type ToldDataflow = {
  readonly details: DataflowDetails;
  readonly mapping: readonly Pick<MappingRow, 'target'>[];
};

/** A signed-in (or signing-in) conversation with one account. Safe for concurrent use. */
export interface DestinationConnection {
  /** That of its destination. */
  readonly maxBatchRecords: number;
  /**
   * How long, in milliseconds, a call may go on at the destination after its connection was lost. A write of
   * unknown outcome is left alone that long, then read before anything is written again (promise 3).
   */
  readonly lostCallMs: number;
  /**
   * Whether `read` tells what the destination holds. Where it does not, writes of unknown outcome are simply written
   * again: the destination keeps the newest version of each record, whatever order they come in.
   */
  readonly canRead: boolean;
  /**
   * Whether a record's id is made of its key, so that a record cannot be kept under another key: profiles that exchange
   * keys exchange their records with them.
   */
  readonly recordIdsFollowKeys: boolean;
  /** Signs in afresh and reports what will matter. @throws HeadraceError with a `destination_*` code. */
  test(signal: AbortSignal): Promise<ConnectionReport>;
  /**
   * Asks, in as few calls as can be, whether what stopped a dataflow is mended: the sign-in, or else what the details need.
   * @throws HeadraceError with a `destination_*` code while it is not.
   */
  probe(what: 'sign_in' | 'details', details: DataflowDetails, signal: AbortSignal): Promise<void>;
  /** The fields a mapping may target under these details, with what the destination says of them; cached by the adapter. */
  targetFields(details: DataflowDetails, signal: AbortSignal): Promise<readonly TargetField[]>;
  /**
   * Turns mapped values into a record, or says why this profile cannot be sent. Pure; call after `targetFields` has
   * answered once for the details.
   */
  prepare(input: PrepareInput): PreparedRecord;
  /** What a record is to say of its segments. Pure; nothing where the dataflow tells no memberships. */
  prepareMemberships(segments: readonly SegmentStanding[], details: DataflowDetails): PreparedMemberships;
  /**
   * Checks that a dataflow can tell of segments: that the fields named for them are there, can take it and are not
   * mapped, and that no two are kept in one list.
   * @param segments all that are to be activated together.
   * @throws HeadraceError `destination_misconfigured` that says what to do, or another `destination_*` code.
   */
  checkMemberships(
    segments: readonly Pick<SegmentStanding, 'segmentId' | 'name' | 'mappingId'>[],
    dataflow: ToldDataflow,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Finds or makes the list at the destination that the members of a segment are kept in, where such are used.
   * Repeating it is harmless once an earlier call can no longer be running (`lostCallMs`).
   * @returns its id; null where the dataflow keeps no lists.
   * @throws HeadraceError with a `destination_*` code.
   */
  ensureList(
    segment: Pick<SegmentStanding, 'segmentId' | 'name' | 'mappingId'>,
    details: DataflowDetails,
    signal: AbortSignal,
  ): Promise<string | null>;
  /**
   * Writes a batch of at most `maxBatchRecords` items that share one `group`, in as few calls as the destination
   * allows. No record and no key is named twice.
   * @returns one outcome per item, in order.
   * @throws HeadraceError for the whole batch: `destination_outcome_unknown` when the write may have been
   *   applied; any other `destination_*` code only when it was certainly not.
   */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly DeliveryOutcome[]>;
  /**
   * Reads what the destination holds for each item, by record id where known, else by match key.
   * @returns one entry per item, in order, in as few calls as the destination allows. Where it cannot be read
   *   (`canRead` false) no call is made: every record may be there, and everything of it is to be written.
   */
  read(batch: ReadBatch, signal: AbortSignal): Promise<readonly ReadRecord[]>;
  /**
   * Deletes records, at most `maxBatchRecords`, as a deletion of a person asks for. Repeating it is harmless.
   * @returns one outcome per record, in order.
   * @throws HeadraceError as `deliver` does; after `destination_outcome_unknown` call it again to know.
   */
  remove(batch: RemovalBatch, signal: AbortSignal): Promise<readonly RemovalOutcome[]>;
  /** Where the destination takes large backlogs as jobs. */
  readonly bulk?: BulkWriting;
  close(): Promise<void>;
}
