import fc from 'fast-check';
import type { JsonValue, XdmField, XdmNumber, XdmObject, XdmString } from './field.ts';
import { boundsOf } from './json-schema.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const title = fc.constantFrom('One', 'Two', 'Größe');
const described = fc.record(
  { title, description: fc.constantFrom('Long', 'Short') },
  { requiredKeys: ['title'] },
);

const textRules = fc.oneof(
  fc.constant({}),
  fc.constantFrom('date', 'date-time', 'uri', 'uri-reference').map((format) => ({ format })),
  fc.uniqueArray(fc.constantFrom('x', 'yy', 'zzz'), { minLength: 1 }).map((values) => ({ enum: values })),
  fc.constantFrom('^[a-z]+$', '^a', '[0-9]').map((pattern) => ({ pattern })),
  fc.record(
    { minLength: fc.integer({ min: 0, max: 2 }), maxLength: fc.integer({ min: 2, max: 5 }) },
    { requiredKeys: [] },
  ),
);
const integerSize = fc.constantFrom({}, { size: 'byte' }, { size: 'short' }, { size: 'int' });
const numberRules = fc.record(
  { minimum: fc.integer({ min: -50, max: 0 }), maximum: fc.integer({ min: 0, max: 50 }) },
  { requiredKeys: [] },
);

const { field, object } = fc.letrec<{ field: XdmField; object: XdmObject }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(described, textRules).map(([a, b]) => ({ type: 'string', ...a, ...b }) as XdmString),
    fc
      .tuple(described, integerSize, numberRules)
      .map(([a, b, c]) => ({ type: 'integer', ...a, ...b, ...c }) as XdmNumber),
    fc.tuple(described, numberRules).map(([a, b]) => ({ type: 'number' as const, ...a, ...b })),
    described.map((a) => ({ type: 'boolean' as const, ...a })),
    tie('object'),
    fc.tuple(described, tie('field')).map(([a, values]) => ({ type: 'map' as const, ...a, values })),
    fc.tuple(described, tie('field')).map(([a, items]) => ({ type: 'array' as const, ...a, items })),
  ),
  object: fc
    .tuple(described, fc.dictionary(name, tie('field'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }))
    .chain(([a, properties]) =>
      fc.subarray(Object.keys(properties)).map((required) => ({
        type: 'object' as const,
        ...a,
        properties,
        ...(required.length > 0 && { required }),
      })),
    ),
}));

/** Any object of fields that a custom field group can have. */
export const arbitraryObject = object;

/** Fields beside a field: with limits, titles, members and required ones changed here and there, at any depth. */
export function arbitraryEdit(of: XdmField): fc.Arbitrary<XdmField> {
  const kept = { title: of.title };
  switch (of.type) {
    case 'string': {
      const { format, enum: values, ...others } = of;
      const { pattern, ...unmatched } = of;
      const wider = values === undefined ? {} : { enum: [...values, 'more'] };
      return fc.oneof(
        textRules.map((rules) => ({ type: 'string', ...kept, ...rules }) as XdmString),
        fc.constant<XdmString>({ ...of, ...wider }),
        fc.constant<XdmString>({ ...unmatched, ...(pattern === undefined && { pattern: '^a' }) }),
        fc.constant<XdmString>({ ...others, ...(format !== undefined && { format }) }),
        fc.constant<XdmString>({ type: 'string', ...kept, ...(format !== undefined && { format }) }),
      );
    }
    case 'integer':
      return fc
        .tuple(integerSize, numberRules)
        .map(([size, rules]) => ({ type: 'integer', ...kept, ...size, ...rules }) as XdmNumber);
    case 'number':
      return numberRules.map((rules) => ({ type: 'number', ...kept, ...rules }));
    case 'boolean':
      return title.map((other) => ({ ...of, title: other }));
    case 'array':
      return arbitraryEdit(of.items).map((items) => ({ ...of, items }));
    case 'map':
      return arbitraryEdit(of.values).map((values) => ({ ...of, values }));
    case 'object':
      return editObject(of);
  }
}

export function editObject(of: XdmObject): fc.Arbitrary<XdmObject> {
  const edits = Object.entries(of.properties).map(([key, inner]) =>
    fc
      .oneof(
        { weight: 5, arbitrary: fc.constant(inner) },
        { weight: 4, arbitrary: arbitraryEdit(inner) },
        { weight: 1, arbitrary: fc.oneof(field, fc.constant(undefined)) },
      )
      .map((next) => (next === undefined ? [] : [[key, next] as const])),
  );
  const added = fc.oneof(
    fc.constant([]),
    field.map((next) => [['added', next] as const]),
  );
  return fc.tuple(added, ...edits).chain((entries) => {
    const properties = Object.fromEntries(entries.flat());
    const required = (of.required ?? []).filter((key) => Object.hasOwn(properties, key));
    return fc
      .oneof(fc.subarray(required), fc.subarray(Object.keys(properties)))
      .map((keys) => ({ type: 'object' as const, title: of.title, properties, required: keys }));
  });
}

const texts = [
  'x',
  'yy',
  'zzz',
  'abc',
  '7',
  'a1',
  '2024-02-29',
  '2024-02-29T00:00:00Z',
  'https://example.com/',
  '/x',
];

/** Values a field might hold: near its rules, so that many fit and some do not. */
export function arbitraryValue(of: XdmField): fc.Arbitrary<JsonValue> {
  switch (of.type) {
    case 'string':
      return fc.constantFrom(...(of.enum ?? texts));
    case 'integer':
    case 'number': {
      const { least = -100, most = 100 } = boundsOf(of);
      return fc.constantFrom(0, 1, least, most, Math.max(least, -2), Math.min(most, 40));
    }
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(arbitraryValue(of.items), { maxLength: 2 });
    case 'map':
      return fc.dictionary(name, arbitraryValue(of.values), { maxKeys: 2, noNullPrototype: true });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(of.properties).map(([key, inner]) => [key, arbitraryValue(inner)])),
        { requiredKeys: [...(of.required ?? [])], noNullPrototype: true },
      );
  }
}
