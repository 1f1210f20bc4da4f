import type { Expression, TimeConstraint } from '../syntax/ast.ts';

/** The expressions directly inside a node, in the order of the text as far as the tree tells. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'literal':
    case 'date':
    case 'instant':
    case 'period':
      return [];
    case 'list':
      return node.items;
    case 'path':
      return node.root.kind === 'value' ? [node.root.value] : [];
    case 'logic':
      return node.operands;
    case 'not':
    case 'negate':
      return [node.operand];
    case 'compare':
    case 'arithmetic':
      return [node.left, node.right];
    case 'membership':
      return [node.value, node.list];
    case 'if':
      return [node.condition, node.whenTrue, node.whenFalse];
    case 'call':
      return node.target === undefined ? node.arguments : [node.target, ...node.arguments];
    case 'lambda':
      return [node.body];
    case 'let':
      return [node.value, node.body];
    case 'quantifier':
      return [...node.bindings.map(({ source }) => source), node.condition];
    case 'select':
      return [
        node.result,
        ...node.bindings.map(({ source }) => source),
        ...(node.condition === undefined ? [] : [node.condition]),
      ];
    case 'offset':
      return [node.reference];
    case 'occurs':
      return [node.time, ...referencesOf(node.constraint)];
    case 'chain':
      return [
        node.events,
        node.time,
        ...node.steps.flatMap(({ what, when }) => [what, ...(when === undefined ? [] : referencesOf(when))]),
      ];
  }
}

/** The times a constraint names. */
export const referencesOf = (constraint: TimeConstraint): readonly Expression[] =>
  constraint.kind === 'between' ? [constraint.from, constraint.to] : [constraint.reference];
