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

export const recordsBodyWire = Type.Union(
  [
    Type.Object(
      { records: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxRecordsPerRequest }) },
      { additionalProperties: false, title: 'Several records' },
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
