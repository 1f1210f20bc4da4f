import type { XdmField, XdmObject } from '../../xdm/field.ts';
import type { PathExpression, PathStep } from '../syntax/ast.ts';
import { type Checking, didYouMean, report } from './checking.ts';
import { isUnknown, type PqlType, typeOfField, unknownType } from './pql-type.ts';
import { eventType } from './scopes.ts';

/** Resolves a path in its scope, step by step so that an error stands at the step that fails. */
export function checkPath(node: PathExpression, checking: Checking): PqlType {
  const root = typeOfRoot(node, checking);
  if (isNullWord(node, root)) {
    report(
      checking,
      node,
      'found null, which is no value; whether there is one is asked with .isNull() or .isNotNull()',
    );
    return unknownType;
  }
  let type = root;
  let before = '';
  const titles: string[] = [];
  checking.titles.set(node, titles);
  for (const step of node.steps) {
    titles.push(titleOf(type, step.key));
    if (isUnknown(type)) continue;
    const next = stepInto(type, step);
    const path = before === '' ? step.key : `${before}.${step.key}`;
    if (typeof next === 'string') {
      const shown = before === '' ? nameOfRoot(node) : before;
      report(
        checking,
        step.span,
        next === '' ? unknownField(path, root, node, checking) : fault(next, shown),
      );
      return unknownType;
    }
    type = next;
    before = path;
  }
  return type;
}

/** `null` as other languages have it, and no field of that name. */
function isNullWord({ root, steps }: PathExpression, type: PqlType): boolean {
  const [only] = steps;
  if (root.kind !== 'scope' || root.up > 0 || only === undefined || steps.length > 1) return false;
  if (only.key.toLowerCase() !== 'null' || only.access === 'get') return false;
  const group = groupOf(type);
  return group === undefined || propertyOf(group, only.key) === undefined;
}

function titleOf(type: PqlType, key: string): string {
  const group = groupOf(type);
  return (group === undefined ? undefined : propertyOf(group, key)?.title) ?? key;
}

type StepFault = 'single' | 'noMap' | '';

const fault = (kind: StepFault, shown: string): string =>
  kind === 'noMap'
    ? `found .get(…) on ${shown}, which is no map; expected .name`
    : `found a further step after ${shown}, which holds a single value; expected a comparison or a call`;

/** What a step finds in a value of that type; of a list, in each of its items. Empty: no such field. */
function stepInto(type: PqlType, step: PathStep): PqlType | StepFault {
  if (type.kind === 'unknown') return type;
  if (type.kind === 'list') {
    const found = stepInto(type.items, step);
    if (typeof found === 'string' || found.kind === 'list') return found;
    return { kind: 'list', items: found };
  }
  if (type.kind === 'map') return type.values;
  if (type.kind !== 'object') return 'single';
  if (type.isOpen !== true && step.access === 'get') return 'noMap';
  const field = propertyOf(type.field, step.key);
  if (field !== undefined) return typeOfField(field);
  return type.isOpen ? unknownType : '';
}

const propertyOf = (field: XdmObject, key: string): XdmField | undefined =>
  Object.hasOwn(field.properties, key) ? field.properties[key] : undefined;

function typeOfRoot({ root }: PathExpression, checking: Checking): PqlType {
  const { levels, variables } = checking.scopes;
  switch (root.kind) {
    case 'scope': {
      const level = levels.at(-1 - root.up);
      if (level !== undefined) return level.names;
      const most = levels.length - 1;
      report(
        checking,
        root.span,
        `found ${root.up} "^", but ${most === 0 ? 'no scope' : most === 1 ? 'one scope' : `${most} scopes`} around this place; ^ leads out of a filter […]`,
      );
      return unknownType;
    }
    case 'variable': {
      const type = variables.get(root.name);
      if (type === undefined) report(checking, root.span, `nothing named ${root.name} is bound here`);
      return type ?? unknownType;
    }
    case 'parameter': {
      const parameters = levels.at(-1)?.parameters ?? [];
      const type = parameters[root.number - 1];
      if (type !== undefined) return type;
      report(
        checking,
        root.span,
        `found $${root.number}; expected ${parameters.length > 1 ? '$1 or $2' : '$1'}, since no more stands for something here`,
      );
      return unknownType;
    }
    case 'events':
      return { kind: 'list', items: eventType(checking.schema) };
    case 'value':
      return checking.check(root.value, checking);
  }
}

function nameOfRoot({ root }: PathExpression): string {
  if (root.kind === 'variable') return root.name;
  if (root.kind === 'parameter') return `$${root.number}`;
  if (root.kind === 'events') return 'xEvent';
  return root.kind === 'value' ? 'this value' : root.up === 0 ? 'the item' : '^';
}

function unknownField(path: string, root: PqlType, node: PathExpression, checking: Checking): string {
  const group = groupOf(root);
  const isProfile = group !== undefined && group === checking.schema?.profile;
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  const owner = isProfile ? 'the schema' : `"${group?.title ?? 'this'}"`;
  return `${owner} has no field ${shown}.${outer(node, checking) || ofVariable(node, checking) || meant(path, group, node, checking)}`;
}

/** Says how to reach the name when it stands in a scope further out. */
function outer(node: PathExpression, checking: Checking): string {
  const [first] = node.steps;
  if (node.root.kind !== 'scope' || first === undefined) return '';
  const further = checking.scopes.levels.slice(0, checking.scopes.levels.length - 1 - node.root.up).reverse();
  for (const [index, level] of further.entries()) {
    const group = groupOf(level.names);
    if (group !== undefined && propertyOf(group, first.key) !== undefined)
      return ` It stands further out: write ${'^'.repeat(node.root.up + index + 1)}${first.key}.`;
  }
  return '';
}

/** Says which variable has the name, as that of `exists E from …`. */
function ofVariable(node: PathExpression, checking: Checking): string {
  const [first] = node.steps;
  if (node.root.kind !== 'scope' || first === undefined) return '';
  const owner = [...checking.scopes.variables]
    .reverse()
    .find(([, type]) => type.kind === 'object' && propertyOf(type.field, first.key) !== undefined);
  return owner === undefined ? '' : ` It is a field of ${owner[0]}: write ${owner[0]}.${first.key}.`;
}

function meant(path: string, group: XdmObject | undefined, node: PathExpression, checking: Checking): string {
  if (group === undefined) return '';
  const paths = (): Iterable<string> => listNames(group, '');
  const whole = node.steps.map((step) => step.key).join('.');
  return didYouMean(checking, whole, paths) || didYouMean(checking, path, paths);
}

const groupOf = (type: PqlType): XdmObject | undefined => {
  if (type.kind === 'list') return groupOf(type.items);
  return type.kind === 'object' ? type.field : undefined;
};

/** Every name that can follow, those inside lists too. */
function* listNames(group: XdmObject, prefix: string): Generator<string> {
  for (const [key, field] of Object.entries(group.properties)) {
    yield prefix + key;
    const inner = field.type === 'array' ? field.items : field;
    if (inner.type === 'object') yield* listNames(inner, `${prefix}${key}.`);
  }
}
