import type { XdmArray, XdmBoolean, XdmField, XdmMap, XdmNumber, XdmObject, XdmString } from './field.ts';

type TextRules = Omit<XdmString, 'type' | 'title'>;
type NumberRules = Omit<XdmNumber, 'type' | 'title'>;

/** Short forms for writing schemas by hand; each only fills in `type` and `title`. */
export const text = (title: string, rules: TextRules = {}): XdmString => ({
  type: 'string',
  title,
  ...rules,
});
/** A calendar day, `YYYY-MM-DD`. */
export const date = (title: string): XdmString => text(title, { format: 'date' });
/** An instant, RFC 3339 with an offset. */
export const dateTime = (title: string): XdmString => text(title, { format: 'date-time' });
/** Text out of a closed list. */
export const choice = (title: string, values: readonly string[]): XdmString => text(title, { enum: values });
export const integer = (title: string, rules: NumberRules = {}): XdmNumber => ({
  type: 'integer',
  title,
  ...rules,
});
export const number = (title: string, rules: NumberRules = {}): XdmNumber => ({
  type: 'number',
  title,
  ...rules,
});
export const boolean = (title: string): XdmBoolean => ({ type: 'boolean', title });
export const object = (
  title: string,
  properties: Readonly<Record<string, XdmField>>,
  required: readonly string[] = [],
): XdmObject => ({ type: 'object', title, properties, ...(required.length > 0 && { required }) });
export const map = (title: string, values: XdmField): XdmMap => ({ type: 'map', title, values });
export const array = (title: string, items: XdmField): XdmArray => ({ type: 'array', title, items });
