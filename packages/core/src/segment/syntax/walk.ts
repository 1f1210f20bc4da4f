import type { Binding, ChainStep, Expression, PathRoot, TimeConstraint } from './ast.ts';

/** What stands directly inside a node, in the order of the text (the result of `select` before its sources). */
export function childrenOf(node: Expression): readonly Expression[] {
  const found: Expression[] = [];
  mapChildren(node, (child) => {
    found.push(child);
    return child;
  });
  return found;
}

/** Every node of a tree, parents before children. */
export function* nodesOf(node: Expression): Generator<Expression> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

/** The node with each child replaced. */
export function mapChildren(node: Expression, to: (child: Expression) => Expression): Expression {
  switch (node.kind) {
    case 'literal':
    case 'date':
    case 'instant':
    case 'period':
      return node;
    case 'path':
      return { ...node, root: mapRoot(node.root, to) };
    case 'list':
      return { ...node, items: node.items.map(to) };
    case 'logic':
      return { ...node, operands: node.operands.map(to) };
    case 'not':
    case 'negate':
      return { ...node, operand: to(node.operand) };
    case 'compare':
    case 'arithmetic':
      return { ...node, left: to(node.left), right: to(node.right) };
    case 'membership':
      return { ...node, value: to(node.value), list: to(node.list) };
    case 'if':
      return {
        ...node,
        condition: to(node.condition),
        whenTrue: to(node.whenTrue),
        whenFalse: to(node.whenFalse),
      };
    case 'call':
      return {
        ...node,
        target: node.target === undefined ? undefined : to(node.target),
        arguments: node.arguments.map(to),
      };
    case 'lambda':
      return { ...node, body: to(node.body) };
    case 'let':
      return { ...node, value: to(node.value), body: to(node.body) };
    case 'quantifier':
      return { ...node, bindings: mapBindings(node.bindings, to), condition: to(node.condition) };
    case 'select':
      return {
        ...node,
        result: to(node.result),
        bindings: mapBindings(node.bindings, to),
        condition: node.condition === undefined ? undefined : to(node.condition),
      };
    case 'offset':
      return { ...node, reference: to(node.reference) };
    case 'occurs':
      return { ...node, time: to(node.time), constraint: mapConstraint(node.constraint, to) };
    case 'chain':
      return {
        ...node,
        events: to(node.events),
        time: to(node.time),
        steps: node.steps.map((step) => mapStep(step, to)),
      };
  }
}

const mapRoot = (root: PathRoot, to: (child: Expression) => Expression): PathRoot =>
  root.kind === 'value' ? { kind: 'value', value: to(root.value) } : root;

const mapBindings = (
  bindings: readonly Binding[],
  to: (child: Expression) => Expression,
): readonly Binding[] => bindings.map((binding) => ({ ...binding, source: to(binding.source) }));

const mapStep = (step: ChainStep, to: (child: Expression) => Expression): ChainStep => ({
  ...step,
  what: to(step.what),
  when: step.when === undefined ? undefined : mapConstraint(step.when, to),
});

export function mapConstraint(
  constraint: TimeConstraint,
  to: (child: Expression) => Expression,
): TimeConstraint {
  return constraint.kind === 'between'
    ? { ...constraint, from: to(constraint.from), to: to(constraint.to) }
    : { ...constraint, reference: to(constraint.reference) };
}
