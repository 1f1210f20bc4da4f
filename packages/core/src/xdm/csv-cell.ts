import { isDate, isDateTime } from './date-formats.ts';
import type { XdmBoolean, XdmField, XdmNumber, XdmString } from './field.ts';

/** A field that one cell can fill. */
export type ScalarField = XdmString | XdmNumber | XdmBoolean;

/** What a cell means, or what was expected of it. */
export type CellResult =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly keyword: string; readonly expected: string };

export const isScalarField = (field: XdmField): field is ScalarField =>
  field.type === 'string' || field.type === 'integer' || field.type === 'number' || field.type === 'boolean';

/** Reads a cell, already trimmed and not blank, as the field's type asks. */
export function parseCell(field: ScalarField, cell: string): CellResult {
  switch (field.type) {
    case 'string':
      return parseText(field, cell);
    case 'integer':
      return /^[+-]?\d+$/.test(cell) && Number.isSafeInteger(Number(cell))
        ? accepted(Number(cell))
        : refused('type', 'a whole number written with digits only');
    case 'number':
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(cell) && Number.isFinite(Number(cell))
        ? accepted(Number(cell))
        : refused('type', 'a number written with digits and a decimal point, such as 1234.5');
    case 'boolean':
      return parseBoolean(cell);
  }
}

function parseText(field: XdmString, cell: string): CellResult {
  if (field.format === 'date' && !isDate(cell))
    return refused('format', 'a day that exists, written YYYY-MM-DD');
  if (field.format === 'date-time' && !isDateTime(cell))
    return refused('format', 'an instant with an offset, such as 2025-03-01T09:30:00Z');
  if (field.enum !== undefined && !field.enum.includes(cell))
    return refused('enum', `one of ${field.enum.join(', ')}`);
  return accepted(cell);
}

function parseBoolean(cell: string): CellResult {
  const word = cell.toLowerCase();
  if (['true', 'yes', 'y', '1'].includes(word)) return accepted(true);
  if (['false', 'no', 'n', '0'].includes(word)) return accepted(false);
  return refused('type', 'true or false (also yes/no, y/n, 1/0)');
}

const accepted = (value: string | number | boolean): CellResult => ({ ok: true, value });
const refused = (keyword: string, expected: string): CellResult => ({ ok: false, keyword, expected });
