import Type from 'typebox';

/** A schema of the wire contract: JSON Schema, a TypeScript type, and the text of the API description in one. */
export type WireSchema = Type.TSchema;
/** The type of the values a wire schema describes. */
export type Wire<Schema extends WireSchema> = Type.Static<Schema>;

type Text = { readonly title?: string; readonly description?: string };

/** An object of the contract; a member it does not name is refused. */
export const wireObject = <Properties extends Type.TProperties>(properties: Properties, text: Text = {}) =>
  Type.Object(properties, { ...text, additionalProperties: false });

export const wireId = (description: string) => Type.String({ format: 'uuid', description });

/** An instant, RFC 3339 in UTC with milliseconds. */
export const wireInstant = (description: string) => Type.String({ format: 'date-time', description });

export const wireName = (description: string) =>
  Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', description });

export const wireCount = (description: string) => Type.Integer({ minimum: 0, description });

export const wireNullable = <Schema extends WireSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** One of some words. */
export const wireChoice = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Unsafe<Words[number]>({ type: 'string', enum: words, description });

/** A whole collection. An object, so that it can grow members later. */
export const wireList = <Schema extends WireSchema>(item: Schema, title: string) =>
  wireObject({ items: Type.Array(item) }, { title });

/** A page of a collection; `next_after` is the `after` of the next page, null on the last one. */
export const wirePage = <Schema extends WireSchema>(item: Schema, title: string) =>
  wireObject(
    {
      items: Type.Array(item),
      next_after: Type.Union([Type.String(), Type.Null()], {
        description: 'Pass it as `after` to read on; null when this is the last page.',
      }),
    },
    { title },
  );

export const wireLimit = (description = 'At most this many items.') =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description }));

/** The query of a page whose items are in order of an id. */
export const wirePageQuery = {
  after: Type.Optional(wireId('Read on behind this id: `next_after` of the page before.')),
  limit: wireLimit(),
};

/** The query of a page whose items are in order of time. */
export const wirePlaceQuery = {
  after: Type.Optional(
    Type.String({ maxLength: 500, description: 'Read on: `next_after` of the page before.' }),
  ),
  limit: wireLimit(),
};

/** Free JSON whose shape a schema of the workspace, not this contract, describes. */
export const wireJsonObject = (description: string) =>
  Type.Unsafe<{ readonly [key: string]: unknown }>({ type: 'object', description });

export const wireText = (description: string, maxLength = 2000) => Type.String({ maxLength, description });
