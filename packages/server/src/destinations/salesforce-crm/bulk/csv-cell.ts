import type { FieldValue } from '@headrace/core';

/** Clears a field; an empty cell leaves it as it is. Source: Bulk API 2.0 Developer Guide, "Valid CSV Record Rows". */
const cleared = '#N/A';
/** Characters of one value. Source: Bulk API limits. */
const longestValue = 32_000;

/**
 * A value as JSON would carry it, in a cell of a file with commas and LF; undefined for what no cell can say: the text
 * that clears, text too long for a cell, and numbers that JSON writes with an exponent.
 */
export function toCell(value: FieldValue): string | undefined {
  // JSON clears with empty text as with null.
  if (value === null || value === '') return cleared;
  const text = String(value);
  if (typeof value === 'number' && !/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  if (text === cleared || text.length > longestValue || text.includes('\0')) return undefined;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
