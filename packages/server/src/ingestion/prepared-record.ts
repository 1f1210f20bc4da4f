import {
  type ErrorDetail,
  type ExtractionOptions,
  extractIdentities,
  type Identity,
  type IdentityDescriptor,
  type JsonObject,
  type RecordValidator,
} from '@headrace/core';

/** What ingestion needs to know of a dataset to take a record. */
export type DatasetContext = {
  readonly datasetId: string;
  readonly kind: 'profile' | 'event';
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
  readonly primary: Identity;
  readonly identities: readonly Identity[];
  readonly document: JsonObject;
};

export type Preparation =
  | { readonly ok: true; readonly record: PreparedRecord }
  | { readonly ok: false; readonly errors: readonly ErrorDetail[] };

/**
 * Checks one record against its dataset. Pure.
 *
 * A record's stamp is its `_repo.modifyDate`, else the time of receipt; its id is its `_id`, else its primary
 * identity. Identities that are not usable are left out, except the primary one, without which nobody could
 * say whose record it is.
 */
export function prepareRecord(context: DatasetContext, record: unknown, receivedAt: Date): Preparation {
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
  return {
    ok: true,
    record: {
      datasetId: context.datasetId,
      kind: context.kind,
      recordId: textMember(document, '_id') ?? primary.value,
      stampMs: stampOf(context.kind, document) ?? receivedAt.getTime(),
      primary,
      identities,
      document,
    },
  };
}

function stampOf(kind: 'profile' | 'event', document: JsonObject): number | undefined {
  const repository = document._repo;
  const stamp =
    kind === 'event'
      ? textMember(document, 'timestamp')
      : typeof repository === 'object' && repository !== null && !Array.isArray(repository)
        ? textMember(repository as JsonObject, 'modifyDate')
        : undefined;
  // The validator has checked the format.
  return stamp === undefined ? undefined : Date.parse(stamp);
}

const textMember = (document: JsonObject, key: string): string | undefined => {
  const value = document[key];
  return typeof value === 'string' ? value : undefined;
};
