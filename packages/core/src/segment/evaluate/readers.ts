import type { JsonObject } from '../../xdm/field.ts';
import { valueAt } from '../../xdm/path.ts';
import type { PqlType } from '../check/pql-type.ts';
import type { PqlValue } from './functions.ts';
import { readTime } from './time-value.ts';

/** Whether a document fulfils a condition: true or false and nothing between. */
export type Condition = (document: JsonObject) => boolean;
/** What an expression yields for a document; undefined where a value it needs is absent. */
export type NumberReader = (document: JsonObject) => number | undefined;
export type TextReader = (document: JsonObject) => string | undefined;
export type TruthReader = (document: JsonObject) => boolean | undefined;
export type ValueReader = (document: JsonObject) => PqlValue;

/**
 * Reads the value at a path as the type its field declares; a value of another type is read as absent, so a
 * document that does not keep to the schema does no harm. Times are milliseconds since 1970.
 */
export function pathReader(path: readonly string[], type: PqlType): ValueReader {
  const [first] = path;
  const raw: ValueReader =
    path.length === 1 && first !== undefined
      ? (document) => (Object.hasOwn(document, first) ? document[first] : undefined)
      : (document) => valueAt(document, path);
  switch (type.kind) {
    case 'date':
    case 'instant':
      return (document) => {
        const value = raw(document);
        return typeof value === 'string' ? readTime(value) : undefined;
      };
    case 'text':
      return (document) => {
        const value = raw(document);
        return typeof value === 'string' ? value : undefined;
      };
    case 'number':
      return (document) => {
        const value = raw(document);
        return typeof value === 'number' ? value : undefined;
      };
    case 'boolean':
      return (document) => {
        const value = raw(document);
        return typeof value === 'boolean' ? value : undefined;
      };
    default:
      return raw;
  }
}
