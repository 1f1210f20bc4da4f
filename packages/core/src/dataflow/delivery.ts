import type { ExclusionReason } from './reasons.ts';

/** Null clears a field: a mapping says so explicitly. */
export type FieldValue = string | number | boolean | null;
/** Field name at the destination → value; a field that is absent is not touched. */
export type RecordFields = Readonly<Record<string, FieldValue>>;
/** Target of a mapping → value; a target without a value is absent. */
export type MappedValues = Readonly<Record<string, FieldValue>>;

/** A segment of a dataflow as a profile stands in it. */
export type SegmentStanding = {
  readonly segmentId: string;
  readonly name: string;
  /** What a person chose as its name at the destination, for example a field or a campaign. */
  readonly mappingId: string | null;
  /** The list of its members at the destination, from `ensureList`. */
  readonly listId: string | null;
  readonly status: 'realized' | 'existing' | 'exited';
  /** What becomes of an exit at the destination. */
  readonly onExit: OnExit;
};
/** `write_status`: the record says that it has left; `remove`: it is taken off the list; `nothing`: it stays as it is. */
export type OnExit = 'write_status' | 'remove' | 'nothing';

export type PrepareInput = {
  readonly values: MappedValues;
  /** Targets that are written only where the record holds nothing yet. */
  readonly ifEmpty: ReadonlySet<string>;
  readonly details: Readonly<Record<string, string>>;
};

export type PreparedRecord = SendableRecord | ExcludedRecord;
export type ExcludedRecord = {
  readonly kind: 'excluded';
  readonly reason: ExclusionReason;
  readonly message: string;
  /** Whose value it is about, as the mapping calls it. */
  readonly target?: string;
};
export type SendableRecord = {
  readonly kind: 'record';
  /** Object at the destination, for example `Contact`. */
  readonly object: string;
  /** Normalised: two profiles with equal keys mean the same record. */
  readonly matchKey: string;
  readonly fields: RecordFields;
  /** Those of `fields` that are written only where the record holds nothing yet. */
  readonly ifEmpty: readonly string[];
  /**
   * When what the destination holds must be read before it is written: before the first write, before each, or never,
   * since a match by key is safe and everything is overwritten.
   */
  readonly compare: 'never' | 'first' | 'always';
  /** The record it belongs to, which is there before it. */
  readonly parent: ParentRecord | null;
};
/** Several profiles may have one; the one that changed last says what it holds. */
export type ParentRecord = Pick<SendableRecord, 'object' | 'matchKey' | 'fields' | 'ifEmpty' | 'compare'> & {
  /** The field of the record that takes the parent's id. */
  readonly linkField: string;
};

export type PreparedMemberships = {
  readonly fields: RecordFields;
  readonly lists: readonly ListMembership[];
};
/** @param status as the destination calls it; null: not on the list. */
export type ListMembership = { readonly listId: string; readonly status: string | null };

export type DeliveryItem = {
  readonly matchKey: string;
  /** Known from an earlier delivery: then the record is updated, never created. */
  readonly recordId: string | null;
  /** Of a known record only those that may differ from what it was given. */
  readonly fields: RecordFields;
  /** Those of `fields` to be written only where the record holds nothing; looked at by `read` alone. */
  readonly ifEmpty: readonly string[];
  /** Lists to be put on or taken off; those that may differ from what was given. */
  readonly lists: readonly ListMembership[];
};

export type DeliveryBatch = {
  /**
   * Rises from claim to claim over all dataflows: of two batches that write one record, the higher was decided from
   * the newer profile. A destination that may take calls out of order keeps it with the record.
   */
  readonly version: number;
  readonly object: string;
  /** `create` matches by key and creates what is missing; `update` writes known records only. */
  readonly group: DeliveryGroup;
  /** Of the dataflow. */
  readonly details: Readonly<Record<string, string>>;
  readonly items: readonly DeliveryItem[];
};
export type DeliveryGroup = 'create' | 'update';
/** What is read is of no version. */
export type ReadBatch = Omit<DeliveryBatch, 'version'>;

export type DeliveryOutcome =
  | { readonly kind: 'activated'; readonly recordId: string; readonly created: boolean }
  /** The known record is gone (deleted, merged): forget its id and match by key again. */
  | { readonly kind: 'record_gone'; readonly code: string; readonly message: string }
  | {
      readonly kind: 'failed';
      /** The destination's own code, for example `INVALID_EMAIL_ADDRESS`. */
      readonly code: string;
      /** Without personal data. */
      readonly message: string;
      readonly retryable: boolean;
      /** Others were writing the same rows: fewer at once would not collide. */
      readonly contention?: boolean;
      /** The record itself was written; what failed came after it. */
      readonly recordId?: string;
      /** With `recordId`: the record was made by it. */
      readonly created?: boolean;
      /** The outcome of this record alone is not known: it is read before it is written again. */
      readonly unknown?: boolean;
    };

export type RemovalBatch = {
  /** As that of a `DeliveryBatch`. */
  readonly version: number;
  readonly object: string;
  readonly recordIds: readonly string[];
};

export type RemovalOutcome =
  | { readonly kind: 'deleted' }
  /** It was gone already, or the destination shows it to nobody. */
  | { readonly kind: 'absent'; readonly code: string }
  | {
      readonly kind: 'failed';
      /** The destination's own code. */
      readonly code: string;
      readonly retryable: boolean;
    };

export type ReadRecord =
  | { readonly kind: 'absent' }
  | { readonly kind: 'several'; readonly recordIds: readonly string[] }
  | {
      readonly kind: 'found';
      /** Another than the item's where that one was merged or converted into it. */
      readonly recordId: string;
      /** Whether it is under the item's match key now; one that was read by its id may be under an earlier one. */
      readonly isUnderKey: boolean;
      /**
       * Names of the item's fields that are to be written: those that hold another value, compared as the destination
       * stores them, and of `ifEmpty` those only that hold none.
       */
      readonly differing: readonly string[];
      /** Ids of the item's lists on which the record stands otherwise. */
      readonly differingLists: readonly string[];
    };
