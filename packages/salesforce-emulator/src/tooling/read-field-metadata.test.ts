import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApiError } from '../errors/api-error.ts';
import { isJsonObject } from '../json.ts';
import { buildCustomField, parseCustomField } from '../schema/custom-field.ts';
import { fieldMetadataJson } from './custom-field-json.ts';
import { metadataTypes } from './metadata-type.ts';
import { readFieldMetadata } from './read-field-metadata.ts';

const names = [
  'type',
  'label',
  'length',
  'precision',
  'scale',
  'unique',
  'valueSet',
  'referenceTo',
  'required',
];
const key = fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string());
const value = fc.oneof(
  fc.constantFrom(...metadataTypes.keys(), 'true', '1', ''),
  fc.jsonValue(),
  fc.integer({ min: -1, max: 300 }),
);

test('whatever is sent becomes a field that can be built, or a refusal', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value), (sent) => {
      const metadata: unknown = JSON.parse(JSON.stringify(sent));
      if (!isJsonObject(metadata)) return;
      try {
        const custom = readFieldMetadata('Contact', 'X__c', metadata);
        expect(buildCustomField(parseCustomField(custom), '').name).toBe('X__c');
      } catch (error) {
        expect(error).toBeInstanceOf(ApiError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what a field shows of itself reads back as the same field', () => {
  const fields = [
    { type: 'Text', label: 'T', length: 20, unique: true, externalId: true, caseSensitive: true },
    { type: 'Number', label: 'N', precision: 9, scale: 3, required: true },
    { type: 'LongTextArea', label: 'L', length: 900, visibleLines: 5, description: 'd' },
    { type: 'Lookup', label: 'A', referenceTo: 'Account' },
    {
      type: 'Picklist',
      label: 'P',
      valueSet: { restricted: true, valueSetDefinition: { value: [{ label: 'A' }] } },
    },
    { type: 'Checkbox', label: 'C', defaultValue: true, inlineHelpText: 'h' },
  ];
  for (const metadata of fields) {
    const custom = readFieldMetadata('Contact', 'X__c', metadata);
    expect(readFieldMetadata('Contact', 'X__c', fieldMetadataJson(custom)), metadata.type).toEqual(custom);
  }
});
