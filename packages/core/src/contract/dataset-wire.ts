import Type from 'typebox';
import { batchStatusWire } from './batch-wire.ts';
import { errorDetailWire } from './error-wire.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireList,
  wireName,
  wireNullable,
  wireObject,
  wireText,
} from './wire.ts';

/** Most records that one request may carry. */
export const maxRecordsPerRequest = 1_000;

const labelsWire = Type.Array(Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }), {
  maxItems: 100,
  description: 'Data usage labels.',
});
const newLabelsWire = { ...labelsWire, description: 'Data usage labels. Needs Apply Data Usage Labels.' };
const retentionWire = wireNullable(
  Type.Integer({
    minimum: 1,
    maximum: 36_500,
    description: 'Of an event dataset: days that events are kept; null is for ever.',
  }),
);

export const newDatasetWire = wireObject(
  {
    name: wireName('Unique among datasets.'),
    schema_id: wireId('What its records must fit.'),
    description: Type.Optional(wireText('For people.')),
    labels: Type.Optional(newLabelsWire),
    enabled_for_profile: Type.Optional(
      Type.Boolean({
        description:
          'Whether its records are part of profiles, else they are kept only; as its schema is when left out.',
      }),
    ),
    retention_days: Type.Optional(retentionWire),
  },
  { title: 'New dataset' },
);

export const datasetPatchWire = wireObject(
  {
    name: Type.Optional(wireName('Unique among datasets.')),
    description: Type.Optional(wireText('For people.')),
    labels: Type.Optional(newLabelsWire),
    retention_days: Type.Optional(retentionWire),
  },
  { title: 'Changes of a dataset' },
);

export const datasetWire = wireObject(
  {
    dataset_id: wireId('Of the dataset.'),
    name: Type.String(),
    description: Type.String(),
    schema_id: wireId('What its records must fit.'),
    schema_name: Type.String(),
    kind: wireChoice(['profile', 'event'], "Whether its records are people's data or events."),
    enabled_for_profile: Type.Boolean({
      description: 'Its records are part of profiles. Never taken back.',
    }),
    enabled_for_profile_at: wireNullable(wireInstant('Since when.')),
    labels: labelsWire,
    retention_days: retentionWire,
    created_at: wireInstant('When it was created.'),
    deleting_at: wireNullable(wireInstant('When its deletion began: it takes no more records.')),
    last_ingested_at: wireNullable(wireInstant('When its last record was stored.')),
    ingested_today: wireCount('Records stored since midnight UTC.'),
    failed_today: wireCount('Records refused since midnight UTC.'),
    ingested_total: wireCount('Records ever stored, each time one came.'),
    failed_total: wireCount('Records ever refused.'),
    last_batch: wireNullable(
      wireObject({
        batch_id: wireId('Of the batch announced last.'),
        status: batchStatusWire,
        received_at: wireInstant('When it was announced.'),
      }),
    ),
    work: wireNullable(
      wireObject(
        {
          kind: Type.String({
            description:
              'enable_dataset: kept records enter profiles; delete_dataset: profiles lose its fragments.',
          }),
          percent_done: Type.Integer({ minimum: 0, maximum: 100 }),
          done: wireCount('Records or profiles worked on.'),
          started_at: wireInstant('When it was begun.'),
        },
        { description: 'What is going on with everything in it.' },
      ),
    ),
  },
  { title: 'Dataset' },
);
export type DatasetWire = Wire<typeof datasetWire>;
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

export const datasetPreviewWire = wireObject(
  {
    shown: wireChoice(
      ['newest', 'sample'],
      'newest: the rows received last (of events: the latest); sample: the newest of a part of the rows, for there are too many to look at.',
    ),
    items: Type.Array(
      wireObject({
        record_id: Type.String(),
        namespace: Type.String({ description: 'Of the primary identity.' }),
        value: Type.String({ description: 'Of the primary identity.' }),
        stamp: wireInstant('When its source last updated it; of an event: when it happened.'),
        received_at: wireNullable(wireInstant('When it was received; null of an event.')),
        batch_id: wireNullable(wireId('Of the batch that brought it; null when it was streamed.')),
        document: wireJsonObject('The record as it was received.'),
      }),
      { maxItems: 100 },
    ),
  },
  { title: 'Preview of a dataset' },
);

export const datasetDeletionPreviewWire = wireObject(
  {
    name: Type.String({ description: 'To be repeated as `confirm` by whoever deletes the dataset.' }),
    is_estimate: Type.Boolean({
      description: 'Counting all took too long: the counts are those of a part of the profiles, multiplied.',
    }),
    fragments: wireCount('Fragments that leave profiles.'),
    events: wireCount('Events that are deleted.'),
    kept_records: wireCount('Records that are in no profile, for the dataset is not enabled.'),
    profiles_shrinking: wireCount('Profiles that go on with their other fragments. Some may fall apart.'),
    profiles_ending: wireCount('Profiles that have no other fragment.'),
    memberships_ending: wireCount('Memberships of profiles that end.'),
    dataflows: Type.Array(
      wireObject({
        dataflow_id: wireId('Of the dataflow.'),
        name: Type.String(),
        members: wireCount('Profiles it keeps at its destination now.'),
        members_shrinking: wireCount('Members whose values may change, or who may leave.'),
        members_ending: wireCount('Members that end: they leave; their records at the destination stay.'),
      }),
      { description: 'Dataflows with members that shrink or end.' },
    ),
    batches: wireCount('Batches that are forgotten, with their refused rows.'),
    mapping_names: Type.Array(Type.String(), { description: 'Saved mappings that go with it.' }),
    merge_policy_names: Type.Array(Type.String(), {
      description: 'Merge policies whose order names it: they forget it.',
    }),
    empties_default_merge_policy: Type.Boolean({
      description:
        'The default merge policy takes values from this dataset alone: all profiles would lose all values but their identities and consents. Change the policy first.',
    }),
  },
  { title: 'Consequences of deleting a dataset' },
);

export const datasetDeletionWire = wireObject(
  {
    dataset_id: wireId('Of the dataset.'),
    name: Type.String(),
    deleting_at: wireInstant(
      'When its deletion began. The dataset shows how far it has come, until it is gone.',
    ),
  },
  { title: 'Deletion of a dataset' },
);

export const datasetDeletionQuery = wireObject({
  confirm: wireName('The name of the dataset, to show that its deletion is meant.'),
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
      profile_id: wireNullable(
        wireId('Of the profile the record belongs to; null when its dataset is not enabled for Profile.'),
      ),
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
