import type { XdmField, XdmObject } from '../xdm/field.ts';
import type { RuleTypes } from './check/checking.ts';
import { isTime } from './check/pql-type.ts';
import { writeDay } from './evaluate/time-value.ts';
import type { RuleSchema } from './segment-rule.ts';
import type { CompareOperator, Expression, MembershipExpression, PathExpression } from './syntax/ast.ts';
import { printSegmentRule } from './syntax/print.ts';

/** Values of a list that are spelled out. */
const shownValues = 10;

const compareWords: Readonly<Record<CompareOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is greater than',
  '>=': 'is at least',
  '<': 'is less than',
  '<=': 'is at most',
};

const timeWords: Readonly<Record<CompareOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '>': 'is after',
  '>=': 'is on or after',
  '<': 'is before',
  '<=': 'is on or before',
};

type Describing = { readonly schema: XdmObject; readonly types: RuleTypes };

/** A rule in English, with the titles of the schema's fields; for a tree `checkRule` found no problem in. */
export const describeRule = (node: Expression, schema: RuleSchema | undefined, types: RuleTypes): string =>
  describeCondition(node, {
    schema: schema?.profile ?? { type: 'object', title: '', properties: {} },
    types,
  });

/** A true/false field that stands alone is said as a condition. */
const describeCondition = (node: Expression, describing: Describing): string =>
  node.kind === 'path' ? `${describeValue(node, describing)} is true` : describeValue(node, describing);

function describeValue(node: Expression, describing: Describing): string {
  const say = (part: Expression): string => describeValue(part, describing);
  const sayOperand = (part: Expression): string => (isCompound(part) ? `(${say(part)})` : say(part));
  switch (node.kind) {
    case 'literal':
      return typeof node.value === 'string' ? `"${node.value}"` : String(node.value);
    case 'date':
      return writeDay(node.year, node.month, node.day);
    case 'list':
      return joinValues(node.items.map(say));
    case 'path':
      return titleOf(node, describing.schema);
    case 'logic':
      return node.operands
        .map((part) => (part.kind === 'logic' ? `(${say(part)})` : describeCondition(part, describing)))
        .join(` ${node.operator} `);
    case 'not':
      return `not (${describeCondition(node.operand, describing)})`;
    case 'compare': {
      const type = describing.types.get(node.left);
      const words = type !== undefined && isTime(type) ? timeWords : compareWords;
      return `${sayOperand(node.left)} ${words[node.operator]} ${sayOperand(node.right)}`;
    }
    case 'membership':
      return `${sayOperand(node.value)} ${membershipWords(node)} ${say(node.list)}`;
    case 'arithmetic':
      return `${sayOperand(node.left)} ${node.operator} ${sayOperand(node.right)}`;
    case 'negate':
      return `-${sayOperand(node.operand)}`;
    case 'if':
      return `(${say(node.whenTrue)} if ${describeCondition(node.condition, describing)}, otherwise ${say(node.whenFalse)})`;
    case 'call': {
      return printSegmentRule(node);
    }
    default:
      return node.kind;
  }
}

function membershipWords({ operator, list }: MembershipExpression): string {
  if (list.kind === 'list') return operator === 'in' ? 'is one of' : 'is none of';
  return operator === 'in' ? 'is in' : 'is not in';
}

const isCompound = (node: Expression): boolean =>
  node.kind === 'logic' ||
  node.kind === 'arithmetic' ||
  node.kind === 'compare' ||
  node.kind === 'membership';

function joinValues(values: readonly string[]): string {
  if (values.length > shownValues)
    return `${values.slice(0, shownValues).join(', ')} and ${values.length - shownValues} more`;
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

/** `Home address › City`; a map's key stands as it is. */
function titleOf(node: PathExpression, schema: XdmObject): string {
  const titles: string[] = [];
  let field: XdmField | undefined = schema;
  for (const { key } of node.steps) {
    const parent: XdmField | undefined = field;
    field = parent === undefined ? undefined : stepInto(parent, key);
    titles.push(field === undefined || parent?.type === 'map' ? key : field.title);
  }
  return titles.join(' › ');
}

function stepInto(parent: XdmField, key: string): XdmField | undefined {
  if (parent.type === 'map') return parent.values;
  return parent.type === 'object' && Object.hasOwn(parent.properties, key)
    ? parent.properties[key]
    : undefined;
}
