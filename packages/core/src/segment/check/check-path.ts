import type { XdmField } from '../../xdm/field.ts';
import { listFields } from '../../xdm/path.ts';
import type { PathExpression } from '../syntax/ast.ts';
import { type Checking, didYouMean, report } from './checking.ts';
import { type PqlType, typeOfField, unknownType } from './pql-type.ts';

/** Resolves a path in the schema, step by step so that an error stands at the step that fails. */
export function checkPath(node: PathExpression, checking: Checking): PqlType {
  let field: XdmField = checking.schema;
  let before = '';
  for (const step of node.steps) {
    const shown = before === '' ? 'the profile' : before;
    if (field.type === 'array') {
      report(checking, step.span, `not supported yet: a path through a list (${before} is a list)`);
      return unknownType;
    }
    if (field.type !== 'object' && field.type !== 'map') {
      report(
        checking,
        step.span,
        `found a further step after ${shown}, which holds a single value; expected a comparison or a call`,
      );
      return unknownType;
    }
    if (step.access === 'get' && field.type !== 'map') {
      report(checking, step.span, `found .get(…) on ${shown}, which is no map; expected .name`);
      return unknownType;
    }
    const next: XdmField | undefined =
      field.type === 'map'
        ? field.values
        : Object.hasOwn(field.properties, step.key)
          ? field.properties[step.key]
          : undefined;
    const path: string = before === '' ? step.key : `${before}.${step.key}`;
    if (next === undefined) {
      report(checking, step.span, unknownField(path, node, checking));
      return unknownType;
    }
    field = next;
    before = path;
  }
  checking.paths.add(pathOf(node));
  return typeOfField(field);
}

/** The dotted path a node reads; ends before a map key that itself contains a dot. */
function pathOf(node: PathExpression): string {
  const dotted = node.steps.findIndex((step) => step.key.includes('.'));
  return node.steps
    .slice(0, dotted === -1 ? undefined : dotted)
    .map((step) => step.key)
    .join('.');
}

function unknownField(path: string, node: PathExpression, checking: Checking): string {
  const paths = function* (): Generator<string> {
    for (const entry of listFields(checking.schema)) yield entry.path;
  };
  const whole = node.steps.map((step) => step.key).join('.');
  const meant = didYouMean(checking, whole, paths) || didYouMean(checking, path, paths);
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  return `the schema has no field ${shown}.${meant}`;
}
