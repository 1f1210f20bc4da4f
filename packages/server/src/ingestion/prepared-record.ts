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
  /** Warnings name identities that were left out. */
  | { readonly ok: true; readonly record: PreparedRecord; readonly warnings: readonly ErrorDetail[] }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/** When a record arrived, and in which batch; null when it was streamed. */
export type Arrival = { readonly receivedAt: Date; readonly batchId: string | null };

/**
 * Checks one record against its dataset. Pure.
 *
 * A record's stamp is the time its source last updated it, else the time of receipt; one far in the future is refused.
 * Its id is its `_id`, else its primary identity. Identities that are not usable are left out, except the primary one, without which nobody could
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
  const said = stampOf(context.kind, document);
  const untimely = said === undefined ? [] : checkStamp(said, context, arrival);
  if (untimely.length > 0) return { ok: false, errors: untimely };
  return {
    ok: true,
    record: {
      datasetId: context.datasetId,
      kind: context.kind,
      recordId: textMember(document, '_id') ?? primary.value,
      stampMs: said?.ms ?? arrival.receivedAt.getTime(),
      receivedMs: arrival.receivedAt.getTime(),
      batchId: arrival.batchId,
      primary,
      identities,
      document,
    },
    warnings: rejected.map(({ pointer, reason, message }) => ({
      pointer,
      keyword: reason,
      message: `This identity is left out. ${message}`,
    })),
  };
}

const dayMs = 86_400_000;
/** Further ahead of the time of receipt a stamp is a wrong clock. The platform takes it. */
const maxAheadMs = dayMs;

/** A time that a record carries, in milliseconds since the epoch, and where. */
type SaidStamp = { readonly ms: number; readonly pointer: string };

/**
 * Refuses an event that would be deleted at once, or that has not happened yet by any clock; and what is said of a
 * person by a source whose clock is wrong: it would win against every later record until that day.
 */
function checkStamp(
  { ms, pointer }: SaidStamp,
  { kind, retentionDays }: DatasetContext,
  { receivedAt }: Arrival,
): readonly ErrorDetail[] {
  const ageMs = receivedAt.getTime() - ms;
  if (kind === 'event' && retentionDays !== null && ageMs > retentionDays * dayMs)
    return [
      {
        pointer,
        keyword: 'expired',
        message: `The event is older than the ${retentionDays} days that its dataset keeps events. Leave it out, or let the dataset keep events longer.`,
      },
    ];
  if (ageMs >= -maxAheadMs) return [];
  const what = kind === 'event' ? 'The event lies' : 'The record was last updated';
  return [
    {
      pointer,
      keyword: 'future',
      message: `${what} more than 24 hours in the future. Correct the clock or the time zone of its source.`,
    },
  ];
}

/** Where a record says when its source last updated it, and an event when it happened; the first that is there counts. */
const stampPaths = {
  profile: ['extSourceSystemAudit.lastUpdatedDate', '_repo.modifyDate'].map(parseXdmPath),
  event: [parseXdmPath('timestamp')],
};

function stampOf(kind: 'profile' | 'event', document: JsonObject): SaidStamp | undefined {
  for (const path of stampPaths[kind]) {
    const stamp = valueAt(document, path);
    // The validator has checked the format.
    if (typeof stamp === 'string') return { ms: Date.parse(stamp), pointer: `/${path.join('/')}` };
  }
  return undefined;
}

const textMember = (document: JsonObject, key: string): string | undefined => {
  const value = document[key];
  return typeof value === 'string' ? value : undefined;
};
