import Type from 'typebox';
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
} from './wire.ts';

export const newBatchWire = wireObject(
  {
    dataset_id: wireId('Where its records go.'),
    file_name: wireName('As people know the file.'),
    mapping: wireJsonObject('{columns, constants}: what the columns of the file fill.'),
  },
  { title: 'New batch' },
);

export const batchStatusWire = wireChoice(
  ['loading', 'processing', 'success', 'failed', 'aborted'],
  'loading: waits for its file; processing: rows are read; the others are final.',
);

export const batchWire = wireObject(
  {
    batch_id: wireId('Of the batch.'),
    dataset_id: wireId('Where its records go.'),
    status: batchStatusWire,
    file_name: Type.String(),
    file_bytes: wireCount('Size of the file; 0 while it is awaited.'),
    bytes_read: wireCount('How far reading has come.'),
    rows_read: wireCount('Rows read so far.'),
    rows_ingested: wireCount('Rows stored for good.'),
    rows_failed: wireCount('Rows refused; /errors says why.'),
    received_at: wireInstant('When the batch was announced.'),
    finished_at: wireNullable(wireInstant('When it came to its end.')),
    error: wireNullable(Type.String({ description: 'Why the whole batch failed.' })),
  },
  { title: 'Batch' },
);
export type BatchWire = Wire<typeof batchWire>;
export const batchListWire = wireList(batchWire, 'Batches, newest first');

export const batchesQuery = wireObject({
  dataset_id: Type.Optional(wireId('Only batches of this dataset.')),
});

export const batchFileQuery = wireObject({
  force: Type.Optional(
    Type.Boolean({ default: false, description: 'Loads the file even where the dataset took it before.' }),
  ),
});
export const batchFileAnswerWire = wireObject(
  {
    batch: batchWire,
    duplicate: Type.Boolean({
      description: 'The dataset took the same file before: `batch` is that one, and nothing is loaded.',
    }),
  },
  { title: 'Received file' },
);

export const batchErrorWire = wireObject(
  {
    row: Type.Integer({ description: 'Row of the file, the header being row 1.' }),
    pointer: Type.String(),
    keyword: Type.String(),
    message: Type.String(),
  },
  { title: 'Refusal of a row' },
);
export const batchErrorPageWire = wireObject(
  {
    items: Type.Array(batchErrorWire),
    next_after_row: wireNullable(Type.Integer({ description: 'Pass it as `after_row` to read on.' })),
  },
  { title: 'Refused rows' },
);
export const batchErrorsQuery = wireObject({
  after_row: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'About how many refusals: those of one row are never divided.',
    }),
  ),
});
