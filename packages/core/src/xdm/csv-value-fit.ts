import { parseCell, type ScalarField } from './csv-cell.ts';
import { compileCellFormat } from './csv-format.ts';
import type { Scalar } from './csv-mapping.ts';

/** How the values of a column go with a field. */
export type ValueFit =
  /** They do, as they are or read by a format, or by what some of them mean. */
  | {
      readonly kind: 'fits';
      readonly format?: string;
      readonly values?: Readonly<Record<string, Scalar>>;
    }
  /** They may, but a person has to say how. */
  | { readonly kind: 'unclear'; readonly question: string }
  | { readonly kind: 'unfit' };

/** @param cells trimmed and not blank; a sample of the column */
export function fitValues(field: ScalarField, cells: readonly string[]): ValueFit {
  if (cells.every((cell) => parseCell(field, cell).ok)) return { kind: 'fits' };
  if (field.type === 'number' || field.type === 'integer') return fitNumbers(field, cells);
  if (field.type === 'boolean') return { kind: 'unfit' };
  if (field.type === 'string' && field.enum !== undefined) return fitChoice(field.enum, cells);
  if (field.type === 'string' && field.format !== undefined) return fitDates(field, cells);
  return { kind: 'unfit' };
}

const readsAll = (format: string, field: ScalarField, cells: readonly string[]): boolean => {
  const read = compileCellFormat(format, field);
  return read !== undefined && cells.every((cell) => read(cell).ok);
};

function fitNumbers(field: ScalarField, cells: readonly string[]): ValueFit {
  const fitting = ['1,234.56', '1.234,56'].filter((format) => readsAll(format, field, cells));
  const [format, other] = fitting;
  if (format === undefined) return { kind: 'unfit' };
  if (other === undefined) return { kind: 'fits', format };
  return {
    kind: 'unclear',
    question: `Whether a comma marks thousands or decimals cannot be told from the sample. Set format to ${format} or ${other}.`,
  };
}

const dayFormats = [
  ...['MM/DD/YYYY', 'M/D/YYYY', 'MM-DD-YYYY', 'DD/MM/YYYY', 'D/M/YYYY', 'DD-MM-YYYY'],
  ...['DD.MM.YYYY', 'D.M.YYYY', 'YYYY-MM-DD', 'YYYY/MM/DD', 'YYYYMMDD'],
];
const timeFormats = ['', ' HH:mm', ' HH:mm:ss', ' H:mm', ' H:mm A', ', H:mm A', ' HH:mm:ss ZZ', 'THH:mm:ss'];

function fitDates(field: ScalarField, cells: readonly string[]): ValueFit {
  const all = dayFormats.flatMap((day) => timeFormats.map((time) => day + time));
  const fitting = all.filter((format) => readsAll(format, field, cells));
  const [format] = fitting;
  const dayFirst = fitting.find((other) => /^D+\W/.test(other) && !other.includes('.'));
  const monthFirst = fitting.find((other) => /^M+\W/.test(other));
  if (dayFirst !== undefined && monthFirst !== undefined)
    return {
      kind: 'unclear',
      question: `Day and month cannot be told apart in the sample. Set format to ${monthFirst} or ${dayFirst}.`,
    };
  if (format !== undefined) return { kind: 'fits', format };
  if (readsAll('excel', field, cells))
    return {
      kind: 'unclear',
      question: 'The values look like days as spreadsheets count them. Set format to excel if they are.',
    };
  return { kind: 'unfit' };
}

/** Usual words for yes and no. */
const agreements = [
  ['yes', 'no'],
  ['true', 'false'],
  ['1', '0'],
  ['subscribed', 'unsubscribed'],
  ['opted in', 'opted out'],
] as const;

/** Choices in another case, and the usual words for yes and no where `y` and `n` are among the choices. */
function fitChoice(choices: readonly string[], cells: readonly string[]): ValueFit {
  const values: Record<string, Scalar> = {};
  for (const cell of new Set(cells)) {
    const word = cell.toLowerCase();
    const choice = choices.find((candidate) => candidate.toLowerCase() === word);
    if (choice !== undefined && choice !== cell) values[cell] = choice;
    if (choice !== undefined) continue;
    const pair = agreements.find((words) => words.some((other) => other === word));
    if (pair === undefined || !choices.includes('y') || !choices.includes('n')) return { kind: 'unfit' };
    // Both, as the sample may show only one of them.
    values[inCaseOf(cell, pair[0])] = 'y';
    values[inCaseOf(cell, pair[1])] = 'n';
  }
  return { kind: 'fits', values };
}

function inCaseOf(model: string, word: string): string {
  if (model === model.toLowerCase()) return word;
  return model === model.toUpperCase() ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1);
}
