/**
 * The shape of XDM data: what a field of a schema may hold.
 *
 * A closed union instead of raw JSON Schema, so that the PQL type checker, the mapping picker and the
 * validator read one definition. `toJsonSchema` (json-schema.ts) turns it into JSON Schema for Ajv.
 */
export type XdmField = XdmString | XdmNumber | XdmBoolean | XdmObject | XdmMap | XdmArray;

type Described = {
  readonly title: string;
  readonly description?: string;
  /** Written by Headrace only: a record that carries it is refused. */
  readonly readOnly?: true;
};

/** Text. `date` is `YYYY-MM-DD`; `date-time` is RFC 3339 with an offset. */
export type XdmString = Described & {
  readonly type: 'string';
  readonly format?: 'date' | 'date-time' | 'uri' | 'uri-reference';
  /** The only accepted values, in the order a person would expect. */
  readonly enum?: readonly string[];
  /** A regular expression that `checkPattern` (pattern.ts) finds nothing against. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
};
/** A whole number of 8, 16 or 32 bits; without a size it is a long, as far as a double holds it exactly. */
export type IntegerSize = 'byte' | 'short' | 'int';
export type XdmNumber = Described & {
  readonly type: 'integer' | 'number';
  /** Of an integer only. */
  readonly size?: IntegerSize;
  readonly minimum?: number;
  readonly maximum?: number;
};
export type XdmBoolean = Described & { readonly type: 'boolean' };
/** A fixed set of named properties; unknown ones are refused. */
export type XdmObject = Described & {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, XdmField>>;
  readonly required?: readonly string[];
};
/** Free keys, one type of value (for example `identityMap`). */
export type XdmMap = Described & { readonly type: 'map'; readonly values: XdmField };
export type XdmArray = Described & { readonly type: 'array'; readonly items: XdmField };

/** A JSON value as it stands in a record or profile document. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };
