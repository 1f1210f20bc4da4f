import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryObject } from './arbitrary-field.fixture.ts';
import { xdmClasses } from './classes.ts';
import { exportFieldGroup, importFieldGroup } from './field-group-json.ts';
import { standardFieldGroups } from './field-groups.ts';

const importing = (document: unknown) => {
  const result = importFieldGroup(document);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.group;
};
const refusal = (document: unknown) => {
  const result = importFieldGroup(document);
  if (result.ok) throw new Error('It was taken.');
  return result.errors;
};
const inGroup = (field: unknown) => ({ type: 'object', properties: { field } });

test('import reads an export back to the same group', () => {
  const classes = fc.subarray(
    xdmClasses.map(({ id }) => id),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(arbitraryObject, classes, ({ title, description, properties, required = [] }, classIds) => {
      const group = {
        id: 'custom.x',
        title,
        ...(description && { description }),
        classIds,
        properties,
        required,
      };
      const document: unknown = JSON.parse(JSON.stringify(exportFieldGroup(group)));
      expect(importing(document)).toEqual({ title, description, classIds, properties, required });
    }),
    { numRuns: 500 },
  );
});

test.each(standardFieldGroups.filter(({ id }) => id !== 'xdm.segment-membership-details'))(
  'the standard group $title survives the round trip too',
  (group) => {
    expect(importing(exportFieldGroup(group)).properties).toEqual(group.properties);
  },
);

test('an export carries the keywords of the platform', () => {
  const group = {
    id: 'custom.shop',
    title: 'Shop',
    classIds: ['xdm.individual-profile'] as const,
    properties: { visits: { type: 'integer', title: 'Visits', size: 'short', minimum: 0 } as const },
    required: ['visits'],
  };
  expect(exportFieldGroup(group)).toEqual({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:headrace:field-group:custom.shop',
    type: 'object',
    title: 'Shop',
    properties: {
      visits: { type: 'integer', title: 'Visits', minimum: 0, maximum: 32_767, 'meta:xdmType': 'short' },
    },
    required: ['visits'],
    additionalProperties: false,
    'meta:xdmType': 'object',
    'meta:intendedToExtend': ['https://ns.adobe.com/xdm/context/profile'],
  });
});

test('a document as the platform writes them: prefixes, definitions, allOf, types', () => {
  const group = importing({
    'meta:license': ['…'],
    $id: 'https://ns.adobe.com/acme/mixins/1',
    $schema: 'http://json-schema.org/draft-06/schema#',
    title: 'Hotel stay',
    type: 'object',
    description: '',
    'meta:extensible': true,
    'meta:abstract': true,
    'meta:intendedToExtend': ['https://ns.adobe.com/xdm/context/profile'],
    definitions: {
      key: {
        type: 'object',
        properties: { '@id': { type: 'string', format: 'uri-reference', title: 'Key' } },
      },
      stay: {
        properties: {
          'xdm:stay': {
            type: 'object',
            title: 'Stay',
            allOf: [{ $ref: '#/definitions/key' }, { properties: { 'xdm:room': { type: 'integer' } } }],
            properties: {
              'xdm:nights': { type: 'integer', 'meta:xdmType': 'short', minimum: -32768, maximum: 32767 },
              'xdm:paid': { type: 'integer', minimum: 0, maximum: 9007199254740992 },
              'xdm:arrival': { type: 'string', 'meta:xdmType': 'date' },
              'xdm:rating': { type: 'number', 'meta:xdmType': 'number', default: 3, examples: [null] },
              'xdm:extras': {
                type: 'object',
                'meta:xdmType': 'map',
                additionalProperties: { type: 'array', items: { $ref: '#/definitions/key' } },
              },
              'xdm:class': { type: 'string', enum: ['a', 'b'], 'meta:enum': { a: 'First', b: 'Second' } },
            },
            required: ['xdm:nights'],
          },
        },
      },
    },
    allOf: [{ $ref: '#/definitions/stay', type: 'object', 'meta:xdmType': 'object' }],
  });
  const key = { _id: { type: 'string', title: 'Key', format: 'uri-reference' } };
  expect(group).toEqual({
    title: 'Hotel stay',
    description: undefined,
    classIds: ['xdm.individual-profile'],
    required: [],
    properties: {
      stay: {
        type: 'object',
        title: 'Stay',
        required: ['nights'],
        properties: {
          ...key,
          room: { type: 'integer', title: 'room' },
          nights: { type: 'integer', title: 'nights', size: 'short' },
          paid: { type: 'integer', title: 'paid', minimum: 0 },
          arrival: { type: 'string', title: 'arrival', format: 'date' },
          rating: { type: 'number', title: 'rating' },
          extras: {
            type: 'map',
            title: 'extras',
            values: {
              type: 'array',
              title: 'Value',
              items: { type: 'object', title: 'Item', properties: key },
            },
          },
          class: { type: 'string', title: 'class', enum: ['a', 'b'] },
        },
      },
    },
  });
});

describe('what cannot be kept is refused where it stands', () => {
  const at = '/properties/field';
  test.each<[string, unknown, string, string]>([
    ['no document', null, '', 'JSON Schema object'],
    ['a list', [], '', 'JSON Schema object'],
    ['no field', { type: 'object', properties: {} }, '', 'at least one field'],
    ['a document of text', { type: 'string' }, '', 'at least one field'],
    ['no type', inGroup({}), at, 'Expected `type`'],
    ['a field that is no schema', inGroup(true), at, 'JSON Schema object'],
    ['null as type', inGroup({ type: ['string', 'null'] }), `${at}/type`, 'one type'],
    ['another type', inGroup({ type: 'null' }), `${at}/type`, 'Expected `type`'],
    ['an object of nothing', inGroup({ type: 'object' }), at, 'needs `properties`'],
    ['a list of anything', inGroup({ type: 'array' }), at, 'needs `items`'],
    ['a tuple', inGroup({ type: 'array', items: [{ type: 'string' }] }), `${at}/items`, 'JSON Schema object'],
    [
      'fixed and free keys',
      inGroup({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: true }),
      `${at}/additionalProperties`,
      'Keep one',
    ],
    ['oneOf', inGroup({ type: 'string', oneOf: [] }), at, '"oneOf" cannot be kept'],
    [
      'oneOf at the root',
      { type: 'object', properties: { a: { type: 'string' } }, oneOf: [] },
      '',
      '"oneOf"',
    ],
    ['a rule of another type', inGroup({ type: 'boolean', maxLength: 3 }), at, '"maxLength" cannot be kept'],
    ['an unknown format', inGroup({ type: 'string', format: 'ipv4' }), `${at}/format`, 'not checked here'],
    ['a bad pattern', inGroup({ type: 'string', pattern: '(' }), `${at}/pattern`, 'no regular expression'],
    [
      'a catastrophic pattern',
      inGroup({ type: 'string', pattern: '(a+)+$' }),
      `${at}/pattern`,
      'too many ways',
    ],
    ['an enum of numbers', inGroup({ type: 'string', enum: [1] }), `${at}/enum`, 'different texts'],
    [
      'an enum twice the same',
      inGroup({ type: 'string', enum: ['a', 'a'] }),
      `${at}/enum`,
      'different texts',
    ],
    ['a negative length', inGroup({ type: 'string', maxLength: 0 }), `${at}/maxLength`, 'from 1 to'],
    [
      'crossed lengths',
      inGroup({ type: 'string', minLength: 5, maxLength: 3 }),
      `${at}/maxLength`,
      'from 5 to',
    ],
    ['crossed bounds', inGroup({ type: 'number', minimum: 5, maximum: 3 }), at, 'no number fits'],
    [
      'a bound outside of the size',
      inGroup({ type: 'integer', 'meta:xdmType': 'byte', minimum: 200 }),
      at,
      'no number fits',
    ],
    ['a bound that is text', inGroup({ type: 'number', minimum: '5' }), `${at}/minimum`, 'Expected a number'],
    [
      'a required field that is not there',
      { ...inGroup({ type: 'string' }), required: ['x'] },
      '/required/0',
      'no property',
    ],
    [
      'a name with a blank',
      { type: 'object', properties: { 'a b': { type: 'string' } } },
      '/properties',
      'cannot be the name',
    ],
    [
      'a name that reaches prototypes',
      JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'),
      '/properties/__proto__',
      'not allowed',
    ],
    ['NUL', inGroup({ type: 'string', title: 'a\0' }), `${at}/title`, 'NUL'],
    [
      'a reference elsewhere',
      inGroup({ $ref: 'https://ns.adobe.com/xdm/datatypes/address' }),
      `${at}/$ref`,
      'within the document',
    ],
    ['a reference to nothing', inGroup({ $ref: '#/definitions/x' }), `${at}/$ref`, 'nothing at the place'],
    [
      'a reference to a prototype',
      inGroup({ $ref: '#/properties/field/toString' }),
      `${at}/$ref`,
      'nothing at the place',
    ],
    ['a reference to the whole', inGroup({ $ref: '#' }), `${at}/$ref`, 'back to itself'],
    [
      'parts that differ',
      inGroup({ type: 'string', allOf: [{ type: 'number' }] }),
      `${at}/allOf/0/type`,
      'another type',
    ],
    [
      'an unknown class',
      { ...inGroup({ type: 'string' }), 'meta:intendedToExtend': ['x'] },
      '/meta:intendedToExtend',
      'list of classes',
    ],
  ])('%s', (_, document, pointer, message) => {
    const errors = refusal(document);
    expect(errors.find((error) => error.pointer === pointer)?.message).toContain(message);
  });

  test('every fault is told at once', () => {
    const document = {
      properties: { a: { type: 'x' }, b: { type: 'string', format: 'x' }, c: { $ref: 'x' } },
    };
    expect(refusal(document).map(({ pointer }) => pointer)).toEqual([
      '/properties/c/$ref',
      '/properties/a/type',
      '/properties/b/format',
    ]);
  });

  test('a document that grows by its references is given up early', () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `d${index}`,
        {
          properties: {
            a: { $ref: `#/definitions/d${index + 1}` },
            b: { $ref: `#/definitions/d${index + 1}` },
          },
        },
      ]),
    );
    const document = { definitions: { ...definitions, d20: { type: 'string' } }, $ref: '#/definitions/d0' };
    const startedAt = performance.now();
    expect(refusal(document).map(({ message }) => message)).toContainEqual(
      expect.stringContaining('more than 5000 parts'),
    );
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(refusal(JSON.parse(`${'{"allOf":['.repeat(50_000)}${']}'.repeat(50_000)}`))).toMatchObject([
      { message: expect.stringContaining('deeper than') },
    ]);
  });

  test('anything JSON is answered without throwing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        importFieldGroup(JSON.parse(json));
        importFieldGroup(inGroup(JSON.parse(json)));
      }),
    );
  });
});
