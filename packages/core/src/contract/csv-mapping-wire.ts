import Type from 'typebox';
import { csvMappingDefinition } from '../xdm/csv-mapping.ts';
import { errorDetailWire } from './error-wire.ts';
import {
  type Wire,
  wireChoice,
  wireId,
  wireInstant,
  wireJsonObject,
  wireList,
  wireName,
  wireNullable,
  wireObject,
} from './wire.ts';

export const newCsvMappingWire = wireObject(
  {
    name: wireName('A mapping of the dataset with this name is replaced.'),
    mapping: csvMappingDefinition,
  },
  { title: 'New saved mapping' },
);

export const csvMappingWire = wireObject(
  {
    mapping_id: wireId('Of the saved mapping.'),
    dataset_id: wireId('Whose files it is for.'),
    name: Type.String(),
    mapping: csvMappingDefinition,
    updated_at: wireInstant('When it was saved last.'),
    last_used_at: wireNullable(wireInstant('When a batch took it last.')),
  },
  { title: 'Saved mapping' },
);
export type CsvMappingWire = Wire<typeof csvMappingWire>;
export const csvMappingListWire = wireList(csvMappingWire, 'Saved mappings, the one used last first');

/** UTF-16 units of a sample. */
export const longestSample = 262_144;

export const mappingSampleWire = wireObject(
  {
    sample: Type.String({
      minLength: 1,
      maxLength: longestSample,
      description: 'The first lines of the file, header and all. A last line without its end is left out.',
    }),
  },
  { title: 'Sample of a CSV file' },
);

export const columnSuggestionWire = wireObject(
  {
    column: Type.String(),
    path: wireNullable(Type.String({ description: 'The field it most likely fills; null when none is.' })),
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    reason: Type.String({ description: 'What the suggestion rests on.' }),
    format: Type.Optional(Type.String({ description: 'How its values are written.' })),
    values: Type.Optional(wireJsonObject('What its values mean.')),
    identity: Type.Optional(Type.String({ description: 'Namespace, where the field is an identity.' })),
    question: Type.Optional(
      Type.String({ description: 'What has to be said first; until then the column is not in `mapping`.' }),
    ),
  },
  { title: 'Suggestion for a column' },
);

export const mappingSuggestionWire = wireObject(
  {
    delimiter: wireChoice([',', ';', '\t', '|'], 'What separates the cells.'),
    columns: Type.Array(columnSuggestionWire),
    mapping: Type.Union([csvMappingDefinition, Type.Null()], {
      description: 'To be sent with a batch, once its gaps are filled; null when no column has a field.',
    }),
    gaps: Type.Array(errorDetailWire, {
      description:
        'What every record of the dataset needs and nothing in `mapping` fills, by its place in the record: a batch takes no mapping with gaps.',
    }),
    saved: Type.Array(csvMappingWire, {
      description: 'Saved mappings of the dataset whose columns the file has, the one used last first.',
    }),
  },
  { title: 'Suggested mapping' },
);
