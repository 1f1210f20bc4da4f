import type { CustomField } from '../schema/custom-field.ts';

/** What the Metadata API's name of a field type stands for, and which attributes go with it. */
export interface MetadataType {
  readonly type: NonNullable<CustomField['type']>;
  /** Attributes of some types only that this one may carry. */
  readonly allows: readonly string[];
  /** Attributes it must carry. */
  readonly needs: readonly string[];
  /** Shortest and longest length, where a length is stated. */
  readonly length?: readonly [number, number];
  readonly neverRequired?: true;
}

const plain = (type: MetadataType['type'], allows: readonly string[] = []): MetadataType => ({
  type,
  allows,
  needs: [],
});
const numeric = (type: MetadataType['type'], more: readonly string[] = []): MetadataType => ({
  type,
  allows: ['precision', 'scale', ...more],
  needs: ['precision', 'scale'],
});
const keys = ['unique', 'externalId'];

/** Types of custom fields by their name in Metadata and Tooling API. */
export const metadataTypes: ReadonlyMap<string, MetadataType> = new Map<string, MetadataType>([
  [
    'Text',
    { type: 'string', allows: ['length', 'caseSensitive', ...keys], needs: ['length'], length: [1, 255] },
  ],
  ['Email', plain('email', keys)],
  ['Phone', plain('phone')],
  ['Url', plain('url')],
  ['Number', numeric('double', keys)],
  ['Currency', numeric('currency')],
  ['Percent', numeric('percent')],
  ['Checkbox', { type: 'boolean', allows: [], needs: ['defaultValue'], neverRequired: true }],
  ['Date', plain('date')],
  ['DateTime', plain('datetime')],
  ['Picklist', plain('picklist', ['valueSet'])],
  [
    'MultiselectPicklist',
    { type: 'multipicklist', allows: ['valueSet'], needs: ['visibleLines'], neverRequired: true },
  ],
  ['TextArea', plain('textarea')],
  [
    'LongTextArea',
    {
      type: 'textarea',
      allows: ['length'],
      needs: ['length', 'visibleLines'],
      length: [256, 131_072],
      neverRequired: true,
    },
  ],
  ['Lookup', plain('reference', ['referenceTo'])],
]);

const shortTextArea = 255;

/** The Metadata API's name of a custom field's type. */
export function metadataTypeOf(custom: CustomField): string {
  const { type = 'string' } = custom;
  if (type === 'int') return 'Number';
  if (type === 'textarea' && (custom.length ?? 0) > shortTextArea) return 'LongTextArea';
  for (const [name, known] of metadataTypes) if (known.type === type) return name;
  return 'Text';
}
