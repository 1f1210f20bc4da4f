import {
  type ErrorDetail,
  type ExtractionOptions,
  extractIdentities,
  type Identity,
  type IdentityDescriptor,
  type JsonObject,
  parseXdmPath,
  type RecordValidator,
  valueAt,
} from '@headrace/core';

/** What ingestion needs to know of a dataset to take a record. */
export type DatasetContext = {
  readonly datasetId: string;
  readonly kind: 'profile' | 'event';
  /** Of an event dataset: days that events are kept; null is for ever. */
  readonly retentionDays: number | null;
  readonly validate: RecordValidator;
  readonly identities: readonly IdentityDescriptor[];
  readonly extraction: ExtractionOptions;
};

/** A record that fits its schema, with who it is about. */
export type PreparedRecord = {
  readonly datasetId: string;
  readonly kind: 'profile' | 'event';
  readonly recordId: string;
  /** Of a profile record its last-updated time, of an event when it happened; milliseconds since the epoch. */
  readonly stampMs: number;
  readonly receivedMs: number;
  /** Null when it was streamed. */
  readonly batchId: string | null;
  readonly primary: Identity;
  readonly identities: readonly Identity[];
  readonly document: JsonObject;
};

export type Preparation =
  | { readonly ok: true; readonly record: PreparedRecord }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** When a record arrived, and in which batch; null when it was streamed. */
export type Arrival = { readonly receivedAt: Date; readonly batchId: string | null };

/**
 * Checks one record against its dataset. Pure.
 *
 * A record's stamp is the time its source last updated it, else the time of receipt; its id is its `_id`, else its primary
 * identity. Identities that are not usable are left out, except the primary one, without which nobody could
 * say whose record it is.
 */
export function prepareRecord(context: DatasetContext, record: unknown, arrival: Arrival): Preparation {
  const errors = context.validate(record);
  if (errors.length > 0) return { ok: false, errors };
  const document = record as JsonObject;
  const { identities, primary, rejected } = extractIdentities(
    document,
    context.identities,
    context.extraction,
  );
  if (primary === undefined) {
    const descriptor = context.identities.find((identity) => identity.primary);
    const pointer = descriptor === undefined ? '/identityMap' : `/${descriptor.path.replaceAll('.', '/')}`;
    const refusal = rejected.find((rejection) => rejection.pointer === pointer);
    const message =
      refusal === undefined
        ? 'The record has no primary identity. Every record of this dataset needs one, to say whose it is.'
        : `The primary identity cannot be used. ${refusal.message}`;
    return { ok: false, errors: [{ pointer, keyword: 'primaryIdentity', message }] };
  }
  const stampMs = stampOf(context.kind, document) ?? arrival.receivedAt.getTime();
  const untimely = context.kind === 'event' ? checkEventTime(stampMs, context.retentionDays, arrival) : [];
  if (untimely.length > 0) return { ok: false, errors: untimely };
  return {
    ok: true,
    record: {
      datasetId: context.datasetId,
      kind: context.kind,
      recordId: textMember(document, '_id') ?? primary.value,
      stampMs,
      receivedMs: arrival.receivedAt.getTime(),
      batchId: arrival.batchId,
      primary,
      identities,
      document,
    },
  };
}

const dayMs = 86_400_000;
/** Further ahead of the time of receipt an event is a wrong clock. The platform takes it. */
const maxAheadMs = dayMs;

/** Refuses an event that would be deleted at once, or that has not happened yet by any clock. */
function checkEventTime(
  atMs: number,
  retentionDays: number | null,
  { receivedAt }: Arrival,
): readonly ErrorDetail[] {
  const ageMs = receivedAt.getTime() - atMs;
  const refusal = (keyword: string, message: string) => [{ pointer: '/timestamp', keyword, message }];
  if (retentionDays !== null && ageMs > retentionDays * dayMs)
    return refusal(
      'expired',
      `The event is older than the ${retentionDays} days that its dataset keeps events. Leave it out, or let the dataset keep events longer.`,
    );
  if (ageMs < -maxAheadMs)
    return refusal(
      'future',
      'The event lies more than 24 hours in the future. Correct the clock or the time zone of its source.',
    );
  return [];
}

/** Where a record says when its source last updated it; the first that is there counts. */
const stampPaths = ['extSourceSystemAudit.lastUpdatedDate', '_repo.modifyDate'].map(parseXdmPath);

function stampOf(kind: 'profile' | 'event', document: JsonObject): number | undefined {
  const paths = kind === 'event' ? [['timestamp']] : stampPaths;
  const stamp = paths.map((path) => valueAt(document, path)).find((value) => typeof value === 'string');
  // The validator has checked the format.
  return stamp === undefined ? undefined : Date.parse(stamp);
}

const textMember = (document: JsonObject, key: string): string | undefined => {
  const value = document[key];
  return typeof value === 'string' ? value : undefined;
};
