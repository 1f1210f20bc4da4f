import { type ErrorDetail, HeadraceError } from '../errors/headrace-error.ts';
import { type CellResult, parseCell } from './csv-cell.ts';
import type { CsvMapping, Scalar } from './csv-mapping.ts';
import type { CsvPathStep } from './csv-path.ts';
import type { JsonObject, JsonValue } from './field.ts';
import { pointerTo } from './json-pointer.ts';
import { nearestName } from './nearest-name.ts';

/** A mapping laid on the header of one file. */
export type BoundCsvMapping = CsvMapping & {
  /** How many cells a row has. */
  readonly width: number;
  /** For each column of the mapping its place in a row. */
  readonly indexes: readonly number[];
  /** Columns of the file that the mapping does not use. */
  readonly unmapped: readonly string[];
};

/**
 * Lays a mapping on a header; surrounding blanks and a byte order mark do not count. Throws `invalid_input`
 * for mapped columns that the file lacks or has twice.
 */
export function bindCsvHeader(mapping: CsvMapping, header: readonly string[]): BoundCsvMapping {
  const names = header.map((name) => name.trim());
  const details: ErrorDetail[] = [];
  const indexes = mapping.columns.map(({ name }) => {
    const index = names.indexOf(name);
    if (index < 0) {
      const nearest = nearestName(name, names);
      const hint = nearest === undefined ? '' : ` It has ${JSON.stringify(nearest)}.`;
      details.push({
        message: `The file has no column ${JSON.stringify(name)}, which the mapping uses.${hint}`,
      });
    } else if (names.includes(name, index + 1)) {
      details.push({ message: `The file has the column ${JSON.stringify(name)} twice.` });
    }
    return index;
  });
  if (details.length > 0)
    throw new HeadraceError('invalid_input', `The CSV header does not fit. ${details[0]?.message ?? ''}`, {
      details,
    });
  const mapped = new Set(mapping.columns.map(({ name }) => name));
  return { ...mapping, width: header.length, indexes, unmapped: names.filter((name) => !mapped.has(name)) };
}

/**
 * One row as a record. Cells are trimmed and blank ones left out; a cell that is not what its field takes is
 * left out too and reported with its column, never with its text. The record still has to be validated.
 */
export function mapRow(
  mapping: BoundCsvMapping,
  row: readonly string[],
): { readonly record: JsonObject; readonly errors: readonly ErrorDetail[] } {
  if (row.length !== mapping.width) {
    const message = `The row has ${row.length} cells, the header ${mapping.width}. Check its quotes and commas.`;
    return { record: {}, errors: [{ keyword: 'columns', message }] };
  }
  const root: Draft = new Map();
  const filled = new Set<string>();
  const errors: ErrorDetail[] = [];
  for (const [position, column] of mapping.columns.entries()) {
    const cell = row[mapping.indexes[position] ?? -1]?.trim() ?? '';
    const meaning = column.values.get(cell);
    if (meaning === null || (meaning === undefined && cell === '')) continue;
    const result: CellResult =
      meaning === undefined ? parseCell(column.field, cell) : { ok: true, value: meaning };
    if (result.ok) {
      put(root, column.steps, result.value);
      filled.add(column.name);
    } else {
      errors.push({
        pointer: pointerTo(column.steps.map(String)),
        keyword: result.keyword,
        message: `Column ${JSON.stringify(column.name)}: expected ${result.expected}; found other text.`,
      });
    }
  }
  for (const { steps, value, beside } of mapping.constants)
    if (beside.length === 0 || beside.some((name) => filled.has(name))) put(root, steps, value);
  return { record: objectOf(root), errors };
}

/** An object (text keys) or a list (positions) while it is being filled. */
type Draft = Map<CsvPathStep, Draft | Scalar>;

function put(root: Draft, steps: readonly CsvPathStep[], value: Scalar): void {
  let draft = root;
  for (const [depth, step] of steps.entries()) {
    if (depth === steps.length - 1) {
      draft.set(step, value);
      return;
    }
    const present = draft.get(step);
    const next: Draft = present instanceof Map ? present : new Map();
    draft.set(step, next);
    draft = next;
  }
}

const objectOf = (draft: Draft): JsonObject =>
  Object.fromEntries([...draft].map(([key, value]) => [key, jsonOf(value)]));

/** Lists close up: places that stayed empty leave no hole. */
function jsonOf(value: Draft | Scalar): JsonValue {
  if (!(value instanceof Map)) return value;
  const places = [...value].flatMap(([step, item]) => (typeof step === 'number' ? [{ step, item }] : []));
  if (places.length === 0) return objectOf(value);
  return places.sort((a, b) => a.step - b.step).map(({ item }) => jsonOf(item));
}
