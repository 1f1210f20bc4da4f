import Type from 'typebox';
import Value from 'typebox/value';
import { type ErrorDetail, HeadraceError } from '../errors/headrace-error.ts';
import { isScalarField, parseCell, type ScalarField } from './csv-cell.ts';
import { type CsvDelimiter, csvDelimiters } from './csv-delimiter.ts';
import { type CellReader, compileCellFormat } from './csv-format.ts';
import { type CsvPathStep, resolveCsvPath } from './csv-path.ts';
import type { XdmObject } from './field.ts';
import { pointerTo, stepsOf } from './json-pointer.ts';
import { nearestName } from './nearest-name.ts';
import { listFields } from './path.ts';

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const target = Type.Union([
  Type.String(),
  Type.Object(
    {
      path: Type.String(),
      values: Type.Optional(
        Type.Record(Type.String(), Type.Union([scalar, Type.Null()]), {
          description: 'What some cells mean: a value of the field, or null for none.',
        }),
      ),
      format: Type.Optional(
        Type.String({
          maxLength: 40,
          description:
            'How numbers, days and instants are written: 1.234,56, DD.MM.YYYY, MM/DD/YYYY HH:mm, excel.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
]);

/**
 * How the rows of a CSV file become records. Paths are dotted, with `[n]` for a place in a list:
 * `personalEmail.address`, `identityMap.CRMID[0].id`, `productListItems[0].quantity`. A column can fill several.
 *
 * `constants` are values that every record gets. One that sits in an object which columns fill too is set only
 * in rows where one of these columns has a value, so that it never makes an object by itself.
 *
 * Without a delimiter the one that divides the header line into the most cells is taken.
 */
export const csvMappingDefinition = Type.Object(
  {
    columns: Type.Record(Type.String(), Type.Union([target, Type.Array(target, { minItems: 1 })]), {
      minProperties: 1,
    }),
    constants: Type.Optional(Type.Record(Type.String(), scalar)),
    delimiter: Type.Optional(Type.Union(csvDelimiters.map((delimiter) => Type.Literal(delimiter)))),
  },
  {
    additionalProperties: false,
    title: 'CSV mapping',
    description:
      'columns: which fields each column fills; constants: values that every record gets, by path; delimiter: found from the header line when left out.',
  },
);
export type CsvMappingDefinition = Type.Static<typeof csvMappingDefinition>;

/** A value that one cell or constant gives. */
export type Scalar = Type.Static<typeof scalar>;

type Target = {
  readonly path: string;
  readonly steps: readonly CsvPathStep[];
  readonly field: ScalarField;
};
type Column = Target & {
  readonly name: string;
  readonly values: ReadonlyMap<string, Scalar | null>;
  readonly read: CellReader;
};
/** `beside` names the columns that fill the object the constant sits in. */
type Constant = Target & { readonly value: Scalar; readonly beside: readonly string[] };

/** A mapping whose every path is in the schema, holds one value, and is written to once. */
export type CsvMapping = {
  readonly columns: readonly Column[];
  readonly constants: readonly Constant[];
  readonly delimiter: CsvDelimiter | undefined;
};

/**
 * Checks a mapping, as read from JSON, against a schema. Throws `invalid_input` naming all that is wrong.
 * @param at pointer to the mapping in what the caller was given.
 */
export function compileCsvMapping(definition: unknown, schema: XdmObject, at = ''): CsvMapping {
  if (!Value.Check(csvMappingDefinition, definition)) {
    const problems = Value.Errors(csvMappingDefinition, definition);
    refuse(
      problems.map((e) => ({ pointer: pointerTo(stepsOf(e.instancePath)), message: e.message })),
      at,
    );
  }
  const errors: ErrorDetail[] = [];
  const owners = new Map<string, string>();

  const resolve = (owner: string, pointer: string, path: string): Target | undefined => {
    const found = resolveCsvPath(schema, path);
    const problem = (message: string): undefined => {
      errors.push({
        pointer,
        message: `The ${owner} goes to ${JSON.stringify(path.slice(0, 200))}${message}`,
      });
    };
    if (found === undefined) return problem(`, which the schema does not have.${hintFor(path, schema)}`);
    const { steps, field } = found;
    if (!isScalarField(field)) return problem(`, which is of type ${field.type}, not a single value.`);
    const place = pointerTo(steps.map(String));
    const other = owners.get(place);
    if (other !== undefined) return problem(`, as does the ${other}.`);
    owners.set(place, owner);
    return { path, steps, field };
  };

  const columns = Object.entries(definition.columns).flatMap(([name, entry]) =>
    (Array.isArray(entry) ? entry : [entry]).flatMap((goal): Column[] => {
      const { path, values = {}, format } = typeof goal === 'string' ? { path: goal } : goal;
      const owner = `column ${JSON.stringify(name)}`;
      const resolved = resolve(owner, pointerTo(['columns', name]), path);
      if (resolved === undefined) return [];
      for (const [cell, value] of Object.entries(values))
        if (value !== null && !fits(resolved.field, value))
          errors.push({
            pointer: pointerTo(['columns', name, 'values', cell]),
            message: `The ${owner} gives a cell a meaning that ${path} does not take.`,
          });
      const { field } = resolved;
      const asWritten: CellReader = (cell) => parseCell(field, cell);
      const read = format === undefined ? asWritten : compileCellFormat(format, field);
      if (read === undefined)
        errors.push({
          pointer: pointerTo(['columns', name, 'format']),
          message: `The ${owner} has a format that ${path} does not take. ${formatHelp(field)}`,
        });
      return [{ ...resolved, name, values: new Map(Object.entries(values)), read: read ?? asWritten }];
    }),
  );

  const constants = Object.entries(definition.constants ?? {}).flatMap(([path, value]): Constant[] => {
    const pointer = pointerTo(['constants', path]);
    const resolved = resolve('constant', pointer, path);
    if (resolved === undefined) return [];
    if (!fits(resolved.field, value))
      errors.push({ pointer, message: `The constant for ${path} is not a value that field takes.` });
    return [{ ...resolved, value, beside: columnsBeside(resolved, columns) }];
  });

  if (errors.length > 0) refuse(errors, at);
  return { columns, constants, delimiter: definition.delimiter };
}

function formatHelp(field: ScalarField): string {
  if (field.type === 'number' || field.type === 'integer') return 'Numbers take 1,234.56 and 1.234,56.';
  if (field.type === 'string' && field.format === 'date')
    return 'Days take YYYY, MM, DD in any order, such as DD.MM.YYYY, and excel.';
  if (field.type === 'string' && field.format === 'date-time')
    return 'Instants take patterns such as MM/DD/YYYY HH:mm:ss, and excel.';
  return 'Leave it out; `values` says what cells mean.';
}

function refuse(details: readonly ErrorDetail[], at: string): never {
  throw new HeadraceError('invalid_input', `The CSV mapping is faulty. ${details[0]?.message ?? ''}`, {
    details: details.map((detail) => ({ ...detail, pointer: `${at}${detail.pointer ?? ''}` })),
  });
}

/** Whether a value given in the mapping itself is of the field's type; numbers as numbers, not as text. */
const fits = (field: ScalarField, value: Scalar): boolean => {
  const type = field.type === 'integer' ? 'number' : field.type;
  return value !== '' && typeof value === type && parseCell(field, String(value)).ok;
};

function columnsBeside(constant: Target, columns: readonly Column[]): readonly string[] {
  const parent = constant.steps.slice(0, -1);
  if (parent.length === 0) return [];
  return columns
    .filter(({ steps }) => parent.every((step, index) => steps[index] === step))
    .map(({ name }) => name);
}

function hintFor(path: string, schema: XdmObject): string {
  const known = [...listFields(schema)].map((field) => field.path);
  const last = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const nearest = nearestName(path, known) ?? known.find((other) => other.toLowerCase().endsWith(`.${last}`));
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}
