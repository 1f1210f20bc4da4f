import type { CellResult, ScalarField } from './csv-cell.ts';
import { isDate, isDateTime } from './date-formats.ts';

/** Reads a cell, already trimmed and not blank, that is written otherwise than its field wants it. */
export type CellReader = (cell: string) => CellResult;

/**
 * The reader of a format; undefined when the field takes no such format.
 *
 * - numbers: `1,234.56` or `1.234,56`, which say what marks thousands and decimals;
 * - days and instants: `YYYY`, `MM` or `M`, `DD` or `D` in any order, instants also `HH` or `H`, `mm`, `ss`, `A`
 *   (AM or PM) and `ZZ` (an offset); an instant without an offset is in UTC, a day alone is its midnight;
 * - days and instants: `excel`, the days since 1899-12-30 as spreadsheets count them.
 */
export function compileCellFormat(format: string, field: ScalarField): CellReader | undefined {
  if (field.type === 'number' || field.type === 'integer') return numberReader(format, field.type);
  if (field.type !== 'string') return undefined;
  if (field.format !== 'date' && field.format !== 'date-time') return undefined;
  return format === 'excel' ? excelReader(field.format) : dateReader(format, field.format);
}

const numberFormats: Readonly<
  Record<string, readonly [pattern: RegExp, thousands: string, decimal: string]>
> = {
  '1,234.56': [/^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/, ',', '.'],
  '1.234,56': [/^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?$/, '.', ','],
};

function numberReader(format: string, type: 'number' | 'integer'): CellReader | undefined {
  if (!Object.hasOwn(numberFormats, format)) return undefined;
  const [pattern, thousands, decimal] = numberFormats[format] ?? [/^$/, '', ''];
  return (cell) => {
    const value = Number(cell.replaceAll(thousands, '').replace(decimal, '.'));
    const isGood = pattern.test(cell) && (type === 'number' || Number.isSafeInteger(value));
    return isGood ? { ok: true, value } : refused('type', `a number written as ${format}`);
  };
}

/** Token → what it matches. */
const tokens: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{2})',
  D: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2}(?:\\.\\d{1,9})?)',
  A: '(?<half>[AaPp][Mm])',
  ZZ: '(?<offset>Z|[+-]\\d{2}:?\\d{2})',
};
const token = /YYYY|MM|M|DD|D|HH|H|mm|ss|A|ZZ/g;

function dateReader(format: string, kind: 'date' | 'date-time'): CellReader | undefined {
  const found = format.match(token) ?? [];
  const kinds = found.map((name) => name[0]);
  const literal = format.replace(token, '');
  const isGood =
    /^[-/.:, T]{0,12}$/.test(literal) &&
    new Set(kinds).size === kinds.length &&
    ['Y', 'M', 'D'].every((name) => kinds.includes(name)) &&
    (kind === 'date-time' ? kinds.includes('H') || kinds.length === 3 : kinds.length === 3);
  if (!isGood) return undefined;
  const source = format.replace(/[.]/g, '\\.').replace(token, (name) => tokens[name] ?? '');
  const pattern = new RegExp(`^${source}$`);
  return (cell) => {
    const parts = pattern.exec(cell)?.groups;
    const value = parts === undefined ? '' : kind === 'date' ? dayOf(parts) : instantOf(parts);
    const exists = kind === 'date' ? isDate(value) : isDateTime(value);
    return exists ? { ok: true, value } : refused('format', `a day that exists, written ${format}`);
  };
}

type Parts = Readonly<Record<string, string | undefined>>;
const padded = (text: string | undefined): string => (text ?? '0').padStart(2, '0');

const dayOf = ({ year, month, day }: Parts): string => `${year}-${padded(month)}-${padded(day)}`;

function instantOf(parts: Parts): string {
  const offset = (parts.offset ?? 'Z').replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const { half } = parts;
  let hour = Number(parts.hour ?? 0);
  if (half !== undefined && (hour < 1 || hour > 12)) return '';
  if (half !== undefined) hour = (hour % 12) + (/p/i.test(half) ? 12 : 0);
  const second = parts.second ?? '00';
  return `${dayOf(parts)}T${padded(String(hour))}:${padded(parts.minute)}:${second}${offset}`;
}

const dayMs = 86_400_000;
const excelEpochMs = Date.UTC(1899, 11, 30);
/** Before, spreadsheets count a 29th of February 1900 that never was. */
const firstExcelDay = 61;
const lastExcelDay = 2_958_465;

function excelReader(kind: 'date' | 'date-time'): CellReader {
  const pattern = kind === 'date' ? /^\d{1,7}$/ : /^\d{1,7}(?:\.\d+)?$/;
  return (cell) => {
    const days = pattern.test(cell) ? Number(cell) : 0;
    if (days < firstExcelDay || days >= lastExcelDay + 1)
      return refused('format', 'the number of a day as spreadsheets count them, such as 45000');
    // Seconds are what a spreadsheet means; what lies beyond is the noise of its fractions.
    const instant = new Date(excelEpochMs + Math.round((days * dayMs) / 1000) * 1000).toISOString();
    return { ok: true, value: kind === 'date' ? instant.slice(0, 10) : instant };
  };
}

const refused = (keyword: string, expected: string): CellResult => ({ ok: false, keyword, expected });
