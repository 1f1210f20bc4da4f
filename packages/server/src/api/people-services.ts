import type { Verification } from '../delivery/verify-dataflow.ts';
import type { Batches } from '../ingestion/batches.ts';
import type { CsvMappings } from '../ingestion/csv-mappings.ts';
import type { RecordResult, RecordsRequest } from '../ingestion/ingest-records.ts';
import type { IdentityGraph } from '../ingestion/part-identities.ts';
import type { Segments } from '../segmentation/segments.ts';
import type { AtDestination, DataflowDeletion } from '../store/dataflow-deletions.ts';
import type { ActivationOptions } from '../store/delivery-dataflows.ts';
import type { AtDestinations } from '../store/profile-deletions.ts';

/** What the API asks of the rooms that hold people; the composition root fills it. */
export type PeopleServices = {
  /** One result per record, in order. @throws HeadraceError `not_found`, `conflict`, `overloaded`, `rate_limited`. */
  ingestRecords(request: RecordsRequest): Promise<readonly RecordResult[]>;
  readonly batches: Pick<Batches, 'create' | 'get' | 'receiveFile' | 'importFile' | 'abort'>;
  readonly csvMappings: Pick<CsvMappings, 'suggest' | 'save' | 'list' | 'remove'>;
  /** @throws HeadraceError `not_found`, `conflict`. */
  enableDataset(datasetId: string): Promise<void>;
  /** @throws HeadraceError `not_found`, `invalid_input` when the name is another. */
  deleteDataset(
    datasetId: string,
    confirmedName: string,
  ): Promise<{ readonly name: string; readonly deletingAt: Date }>;
  readonly segments: Pick<
    Segments,
    'create' | 'change' | 'remove' | 'evaluate' | 'dependents' | 'get' | 'view' | 'examine' | 'test'
  >;
  /**
   * @param checkedRevision of the dataflow that its destination was asked about, see `untilUnchanged`
   * @throws HeadraceError `not_found` for an unknown segment, `conflict` when it is activated already.
   */
  activateSegment(
    dataflowId: string,
    segmentId: string,
    options: ActivationOptions,
    checkedRevision: number,
  ): Promise<void>;
  changeActivation(
    dataflowId: string,
    segmentId: string,
    change: Partial<ActivationOptions>,
    checkedRevision?: number,
  ): Promise<void>;
  /** Marks members with one of these last outcomes due. @returns how many. */
  markMembersDue(
    dataflowId: string,
    statuses: readonly ('activated' | 'excluded' | 'failed')[],
  ): Promise<number>;
  /** Has everyone at the destination written again, whole. @returns how many were marked. */
  resyncMembers(dataflowId: string): Promise<number>;
  /** Reads activated members back. @throws HeadraceError `not_found`, `destination_*`. */
  verifyDataflow(dataflowId: string, signal: AbortSignal): Promise<Verification>;
  /** @throws HeadraceError `not_found`, `conflict`, `invalid_input` when the name is another. */
  deleteDataflow(request: {
    readonly dataflowId: string;
    readonly confirmedName: string;
    readonly atDestination: AtDestination;
    readonly principal: string;
  }): Promise<DataflowDeletion>;
  readonly identityGraph: Pick<IdentityGraph, 'unlink' | 'relink' | 'split'>;
  /** @returns the id of the request. @throws HeadraceError `not_found`. */
  deletePerson(request: {
    readonly profileId: string;
    readonly atDestinations: AtDestinations;
    readonly principal: string;
  }): Promise<string>;
  /** Work on everyone was written down. */
  wakePopulationJobs(): void;
  /** Something may have become due. */
  wakeDelivery(): void;
  /** An account or dataflow was mended by a person: pauses of its failures end. */
  resumeDelivery(): void;
};
