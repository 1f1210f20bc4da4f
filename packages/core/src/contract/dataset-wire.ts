import Type from 'typebox';
import { errorDetailWire } from './error-wire.ts';
import {
  type Wire,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireList,
  wireName,
  wireObject,
} from './wire.ts';

/** Most records that one request may carry. */
export const maxRecordsPerRequest = 1_000;

export const newDatasetWire = wireObject(
  { name: wireName('Unique among datasets.'), schema_id: wireId('What its records must fit.') },
  { title: 'New dataset' },
);
export type NewDatasetWire = Wire<typeof newDatasetWire>;

export const datasetWire = wireObject(
  {
    dataset_id: wireId('Of the dataset.'),
    name: Type.String(),
    schema_id: wireId('What its records must fit.'),
    created_at: wireInstant('When it was created.'),
  },
  { title: 'Dataset' },
);
export const datasetListWire = wireList(datasetWire, 'Datasets');

/** A record as senders of the platform's streaming API write it. */
const recordMessage = Type.Object(
  {
    header: Type.Optional(
      Type.Object({ datasetId: Type.Optional(Type.String({ description: 'As in the path.' })) }),
    ),
    body: Type.Object({ xdmEntity: wireJsonObject('The record.') }),
  },
  { title: 'A message' },
);

/** Headers of requests that may be repeated. */
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Names the request: sent again within 7 days it changes nothing, even where newer records came in between.',
    }),
  ),
});

export const recordsBodyWire = Type.Union(
  [
    Type.Object(
      { records: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxRecordsPerRequest }) },
      { additionalProperties: false, title: 'Several records' },
    ),
    recordMessage,
    Type.Object(
      { messages: Type.Array(recordMessage, { minItems: 1, maxItems: maxRecordsPerRequest }) },
      { additionalProperties: false, title: 'Several messages' },
    ),
    wireJsonObject('One record, as the schema of the dataset describes it.'),
  ],
  { title: 'Records' },
);

export const recordResultWire = Type.Union(
  [
    wireObject({
      index: wireCount('Of the record in the request.'),
      status: Type.Literal('ingested'),
      profile_id: wireId('Of the profile the record belongs to.'),
      warnings: Type.Optional(
        Type.Array(errorDetailWire, { description: 'Identities of the record that were left out, and why.' }),
      ),
    }),
    wireObject({
      index: wireCount('Of the record in the request.'),
      status: Type.Literal('failed'),
      errors: Type.Array(errorDetailWire),
    }),
  ],
  { title: 'Result of a record' },
);
export type RecordResultWire = Wire<typeof recordResultWire>;

export const recordsAnswerWire = wireObject(
  {
    received: wireCount('Records in the request.'),
    ingested: wireCount('Records that are stored for good.'),
    failed: wireCount('Records that were refused.'),
    results: Type.Array(recordResultWire, { description: 'One per record, in order.' }),
  },
  { title: 'Results of records' },
);
