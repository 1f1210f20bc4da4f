import type {
  FieldFunctionExpression,
  FieldSubquery,
  FieldType,
  QueryBase,
} from '@jetstreamapp/soql-parser-js';
import { apiErrors } from '../errors/api-error.ts';
import type { SelectedChildren, SelectedField } from './compiled-query.ts';
import { type PathScope, resolvePath } from './field-path.ts';
import { queryErrors } from './query-error.ts';

const maxFieldsLimit = 200;

/** The text of a selected field as written in the query, its object's alias included. */
export const selectedText = (field: FieldType): string | undefined => {
  if (field.type === 'Field') return ('rawValue' in field && field.rawValue) || field.field;
  if (field.type === 'FieldRelationship')
    return field.rawValue ?? [...field.relationships, field.field].join('.');
  return undefined;
};

/** Compiles the SELECT list of a query without aggregates. Throws Salesforce's errors. */
export function compileFields(
  scope: PathScope,
  query: QueryBase,
  children: (field: FieldSubquery) => SelectedChildren,
): readonly (SelectedField | SelectedChildren)[] {
  const items = (query.fields ?? []).flatMap((field): readonly (SelectedField | SelectedChildren)[] => {
    if (field.type === 'FieldSubquery') return [children(field)];
    if (field.type === 'FieldTypeof') throw apiErrors.notImplemented('TYPEOF');
    if (field.type === 'FieldFunctionExpression') return compileFunction(scope, field, query.limit);
    const text = selectedText(field) ?? '';
    if ('alias' in field && field.alias !== undefined)
      throw queryErrors.malformedAt(scope.soql, text, 'only aggregate expressions use field aliasing');
    return [{ kind: 'field', path: resolvePath(scope, text), name: undefined }];
  });
  refuseDuplicates(scope, items);
  return items;
}

function compileFunction(
  scope: PathScope,
  field: FieldFunctionExpression,
  limit: number | undefined,
): readonly SelectedField[] {
  const name = field.functionName.toUpperCase();
  const [argument] = field.parameters;
  if (name === 'FIELDS') return compileFieldGroup(scope, String(argument ?? '').toUpperCase(), limit);
  // In this org, every picklist value is its own label.
  if (name === 'TOLABEL' && typeof argument === 'string')
    return [{ kind: 'field', path: resolvePath(scope, argument), name: field.alias }];
  throw apiErrors.notImplemented(`The function ${field.functionName} in a query`);
}

function compileFieldGroup(
  scope: PathScope,
  group: string,
  limit: number | undefined,
): readonly SelectedField[] {
  if (group !== 'ALL' && group !== 'STANDARD' && group !== 'CUSTOM')
    throw queryErrors.malformedAt(scope.soql, group, `unexpected token: '${group}'`);
  if (group !== 'STANDARD' && (limit === undefined || limit > maxFieldsLimit))
    throw queryErrors.malformed(`The SOQL FIELDS function must have a LIMIT of at most ${maxFieldsLimit}`);
  return scope.object.fields
    .filter((field) => group === 'ALL' || field.custom === (group === 'CUSTOM'))
    .map((field) => ({ kind: 'field', path: resolvePath(scope, field.name), name: undefined }));
}

function refuseDuplicates(scope: PathScope, items: readonly (SelectedField | SelectedChildren)[]): void {
  const seen = new Set<string>();
  for (const item of items) {
    const key =
      item.kind === 'children' ? item.name : (item.name ?? `${item.path.alias}.${item.path.field.name}`);
    if (seen.has(key)) {
      const text = item.kind === 'children' ? item.name : item.path.text;
      throw queryErrors.invalidField(scope.soql, text, `duplicate field selected: ${text}`);
    }
    seen.add(key);
  }
}
