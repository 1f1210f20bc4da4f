import Type from 'typebox';

/** A queue: a Group that may own records of some objects, such as Leads nobody has taken yet. */
export const queueSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 40 }),
    developerName: Type.Optional(
      Type.String({ pattern: '^[A-Za-z]\\w{0,79}$', description: 'made from the name when left out' }),
    ),
    email: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    objects: Type.Array(Type.String({ minLength: 1 }), { default: ['Lead'] }),
  },
  { additionalProperties: false },
);

/** A label as Salesforce proposes its API name: letters, digits and single underscores. */
export const developerNameOf = (label: string): string =>
  label
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, 'X');
