import { type ErrorDetail, HeadraceError } from '../errors/headrace-error.ts';
import type { CellResult } from './csv-cell.ts';
import type { CsvMapping, Scalar } from './csv-mapping.ts';
import type { CsvPathStep } from './csv-path.ts';
import type { JsonObject } from './field.ts';
import { pointerTo } from './json-pointer.ts';
import { nearestName } from './nearest-name.ts';
import { maxErrorsPerRecord } from './validate.ts';

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
 * left out too and reported with its column, never with its text (at most `maxErrorsPerRecord`). The record still has to be validated.
 */
export function mapRow(
  mapping: BoundCsvMapping,
  row: readonly string[],
): { readonly record: JsonObject; readonly errors: readonly ErrorDetail[] } {
  if (row.length !== mapping.width) {
    const message = `The row has ${row.length} cells, the header ${mapping.width}. Check its quotes and commas.`;
    return { record: {}, errors: [{ keyword: 'columns', message }] };
  }
  const record: Draft = {};
  const lists: (Draft | Scalar)[][] = [];
  const filled = new Set<string>();
  const errors: ErrorDetail[] = [];
  for (const [position, column] of mapping.columns.entries()) {
    const cell = row[mapping.indexes[position] ?? -1]?.trim() ?? '';
    const meaning = column.values.get(cell);
    if (meaning === null || (meaning === undefined && cell === '')) continue;
    const result: CellResult = meaning === undefined ? column.read(cell) : { ok: true, value: meaning };
    if (result.ok) {
      put(record, column.steps, result.value, lists);
      if (mapping.constants.length > 0) filled.add(column.name);
    } else if (errors.length < maxErrorsPerRecord) {
      errors.push({
        pointer: pointerTo(column.steps.map(String)),
        keyword: result.keyword,
        message: `Column ${JSON.stringify(column.name)}: expected ${result.expected}; found other text.`,
      });
    }
  }
  for (const { steps, value, beside } of mapping.constants)
    if (beside.length === 0 || beside.some((name) => filled.has(name))) put(record, steps, value, lists);
  for (const list of lists) closeUp(list);
  return { record: record as JsonObject, errors };
}

/** An object or a list while it is being filled. The keys come from a checked mapping: none reaches a prototype. */
type Draft = { [step: CsvPathStep]: Draft | Scalar };

function put(record: Draft, steps: readonly CsvPathStep[], value: Scalar, lists: (Draft | Scalar)[][]): void {
  let draft = record;
  const last = steps.length - 1;
  for (let depth = 0; depth < last; depth += 1) {
    const step = steps[depth] ?? '';
    let next = draft[step];
    if (typeof next !== 'object') {
      next = typeof steps[depth + 1] === 'number' ? newList(lists) : {};
      draft[step] = next;
    }
    draft = next;
  }
  draft[steps[last] ?? ''] = value;
}

function newList(lists: (Draft | Scalar)[][]): Draft {
  const list: (Draft | Scalar)[] = [];
  lists.push(list);
  // Places are numbers: nothing else of a list is reached through it.
  return list as unknown as Draft;
}

/** Places of a list that stayed empty leave no hole. */
function closeUp(list: (Draft | Scalar)[]): void {
  const items = list.filter(() => true);
  list.splice(0, list.length, ...items);
}
