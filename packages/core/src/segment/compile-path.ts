import type { XdmField } from '../xdm/field.ts';
import { nearestName } from '../xdm/nearest-name.ts';
import { fieldAt, listFields, valueAt } from '../xdm/path.ts';
import type { PathNode } from './ast.ts';
import { refuse, type TypeCheck } from './type-check.ts';
import { isMoment, type Kind, type TypedExpression, type Value, valueOfKind } from './typed-expression.ts';

/** Checks that the schema has the attribute, and compiles reading it. */
export function compilePath(check: TypeCheck, node: PathNode): TypedExpression {
  const { steps, position } = node;
  const path = steps.join('.');
  if (steps.some((step) => step.includes('.')))
    return refuse(check, position, 'not supported yet: get with a key that holds a dot');
  const field = fieldAt(check.schema, steps);
  if (field === undefined) return refuse(check, position, unknownField(check, steps));
  check.paths.add(path);
  const kind = kindOf(field);
  const itemKind = field.type === 'array' ? kindOf(field.items) : undefined;
  return {
    kind,
    position,
    evaluate: reader(steps, kind, itemKind),
    description: titlesOf(check, steps),
    ...(field.type === 'string' && field.enum !== undefined && { allowed: field.enum }),
    ...(itemKind !== undefined && { itemKind }),
    ...(field.type === 'array' &&
      field.items.type === 'string' &&
      field.items.enum !== undefined && { allowed: field.items.enum }),
  };
}

function reader(
  steps: readonly string[],
  kind: Kind,
  itemKind: Kind | undefined,
): TypedExpression['evaluate'] {
  if (itemKind === undefined || !isMoment(itemKind))
    return (document) => valueOfKind(kind, valueAt(document, steps));
  return (document) => {
    const value: Value = valueAt(document, steps);
    if (!Array.isArray(value)) return undefined;
    return value.map((item) => valueOfKind(itemKind, item) ?? null);
  };
}

function kindOf(field: XdmField): Kind {
  switch (field.type) {
    case 'string':
      return field.format === 'date' ? 'date' : field.format === 'date-time' ? 'time' : 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return 'list';
    default:
      return field.type;
  }
}

/** `Person › Name › First name`; a key of a map stands as it is. */
function titlesOf(check: TypeCheck, steps: readonly string[]): string {
  const titles = steps.map((step, index) => {
    const parent = fieldAt(check.schema, steps.slice(0, index));
    return parent?.type === 'map' ? step : (fieldAt(check.schema, steps.slice(0, index + 1))?.title ?? step);
  });
  return titles.join(' › ');
}

function unknownField(check: TypeCheck, steps: readonly string[]): string {
  const path = steps.join('.');
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  const list = steps.findIndex((_, index) => fieldAt(check.schema, steps.slice(0, index))?.type === 'array');
  if (list >= 0) return `not supported yet: a path through the list ${steps.slice(0, list).join('.')}`;
  const known = [...listFields(check.schema)].map((entry) => entry.path);
  const ending = `.${path.toLowerCase()}`;
  const nearest =
    nearestName(path, known) ?? known.find((candidate) => candidate.toLowerCase().endsWith(ending));
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `found the unknown field ${shown}, expected an attribute of the profile schema.${hint}`;
}
