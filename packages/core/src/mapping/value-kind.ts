import type { XdmField } from '../xdm/field.ts';

/** What a source gives or a target holds. `instant`: a date with time and offset; `list`: several values. */
export type ValueKind = 'text' | 'number' | 'integer' | 'boolean' | 'date' | 'instant' | 'list';

/** What a target of each kind takes. Text may hold anything written out, so that only a value of it can be wrong. */
const taken: Readonly<Record<ValueKind, readonly ValueKind[]>> = {
  text: ['text', 'number', 'integer', 'boolean', 'date', 'instant'],
  number: ['number', 'integer', 'text'],
  integer: ['integer', 'number', 'text'],
  boolean: ['boolean', 'integer', 'text'],
  date: ['date', 'text'],
  instant: ['instant', 'text'],
  list: ['list', 'text', 'number', 'integer'],
};

export const canTake = (target: ValueKind, source: ValueKind): boolean => taken[target].includes(source);

/** Undefined for what holds no single value, nor a list of them. */
export function kindOfField(field: XdmField): ValueKind | undefined {
  switch (field.type) {
    case 'string':
      return field.format === 'date' ? 'date' : field.format === 'date-time' ? 'instant' : 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return field.type;
    case 'array': {
      const kind = kindOfField(field.items);
      return kind === undefined || kind === 'list' ? undefined : 'list';
    }
    default:
      return undefined;
  }
}

const names: Readonly<Record<ValueKind, string>> = {
  text: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  date: 'a day (YYYY-MM-DD)',
  instant: 'an instant (ISO 8601 with offset)',
  list: 'a list of values',
};
/** For messages. */
export const nameOfKind = (kind: ValueKind): string => names[kind];

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Whether a constant is something a target of this kind holds, by what is written in it. */
export function isOfKind(value: string | number | boolean, kind: ValueKind): boolean {
  const text = String(value).trim();
  switch (kind) {
    case 'text':
    case 'list':
      return true;
    case 'number':
      return typeof value !== 'boolean' && text !== '' && Number.isFinite(Number(text));
    case 'integer':
      return typeof value !== 'boolean' && text !== '' && Number.isInteger(Number(text));
    case 'boolean':
      return /^(?:true|false|0|1)$/i.test(text);
    case 'date':
      return dayPattern.test(text) && isDay(text);
    case 'instant':
      return instantPattern.test(text) && isDay(text.slice(0, 10));
  }
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
