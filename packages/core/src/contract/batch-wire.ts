import Type from 'typebox';
import { csvMappingDefinition } from '../xdm/csv-mapping.ts';
import {
  type Wire,
  wireChoice,
  wireCount,
  wireId,
  wireInstant,
  wireJsonObject,
  wireLimit,
  wireName,
  wireNullable,
  wireObject,
  wirePage,
  wirePageQuery,
} from './wire.ts';

export const newBatchWire = wireObject(
  {
    dataset_id: wireId('Where its records go.'),
    file_name: wireName('As people know the file.'),
    format: Type.Optional(
      wireChoice(
        ['csv', 'ndjson'],
        'csv (the default) needs a mapping; ndjson is one record on each line. Either may be packed by gzip.',
      ),
    ),
    mapping: Type.Optional(csvMappingDefinition),
    mapping_id: Type.Optional(wireId('Of a saved mapping of the dataset, in place of `mapping`.')),
    error_threshold_percent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        default: 100,
        description:
          'Below 100 the whole file is checked first, and with more refused rows than this nothing of it is written (partialIngestionPercentage).',
      }),
    ),
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
    format: wireChoice(['csv', 'ndjson'], 'How its rows are written.'),
    compression: wireChoice(['none', 'gzip'], 'Told by the content of the file.'),
    source_path: wireNullable(
      Type.String({ description: 'The file it was imported from; null for an upload.' }),
    ),
    mapping: wireNullable(wireJsonObject('What the columns fill; null for JSON lines.')),
    error_threshold_percent: Type.Number({ description: 'More refused rows than this fail the batch.' }),
    file_bytes: wireCount('Size of the file as it came; 0 while it is awaited.'),
    bytes_checked: wireCount('How far the check before loading has come, in bytes of the file as it came.'),
    rows_checked: wireCount('Rows read by that check; there is none with a threshold of 100.'),
    checked_at: wireNullable(wireInstant('When that check was passed; from then on rows are written.')),
    bytes_read: wireCount('How far loading has come, in bytes of the file as it came.'),
    rows_read: wireCount('Rows read so far.'),
    rows_ingested: wireCount('Rows stored for good.'),
    rows_failed: wireCount('Rows refused; /errors says why.'),
    rows_warned: wireCount('Of the ingested rows those of which something was left out; /errors says what.'),
    received_at: wireInstant('When the batch was announced.'),
    started_at: wireNullable(wireInstant('When its first rows were read.')),
    finished_at: wireNullable(wireInstant('When it came to its end.')),
    error: wireNullable(Type.String({ description: 'Why the whole batch failed.' })),
  },
  { title: 'Batch' },
);
export type BatchWire = Wire<typeof batchWire>;
export const batchPageWire = wirePage(batchWire, 'Batches, newest first');

export const batchesQuery = wireObject({
  dataset_id: Type.Optional(wireId('Only batches of this dataset.')),
  status: Type.Optional(batchStatusWire),
  ...wirePageQuery,
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

export const batchImportWire = wireObject(
  {
    path: Type.String({
      minLength: 1,
      maxLength: 4096,
      description: 'Absolute path on the machine of the server, in a folder its operator allows.',
    }),
  },
  { title: 'File to import' },
);

export const batchErrorWire = wireObject(
  {
    row: Type.Integer({ description: 'Row of the file; the header of a CSV file is row 1.' }),
    severity: wireChoice(
      ['error', 'warning'],
      'error: the row was refused; warning: something of it was left out.',
    ),
    pointer: Type.String(),
    keyword: Type.String(),
    message: Type.String(),
  },
  { title: 'Refusal of a row' },
);
export const batchErrorPageWire = wirePage(batchErrorWire, 'Refused rows');
export const batchErrorsQuery = wireObject({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Read on behind this row: `next_after` of the page before.',
    }),
  ),
  limit: wireLimit('About how many refusals: those of one row are never divided.'),
});

/** What a file may be sent as; gzip is told by its content, whatever it is called. */
export const batchContentTypes = {
  csv: ['text/csv'],
  ndjson: ['application/x-ndjson', 'application/jsonl'],
  gzip: ['application/gzip', 'application/x-gzip'],
} as const;

export const batchErrorsFileQuery = wireObject({
  format: Type.Optional(wireChoice(['ndjson', 'csv'], 'How the file is written; ndjson by default.')),
});
