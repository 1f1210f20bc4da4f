import type { Binding, ChainStep, Expression } from './ast.ts';
import { findFunctionName, isPerItem } from './function-names.ts';
import { mapChildren, mapConstraint } from './walk.ts';

/**
 * Gives names their meaning once the whole text is read: a name that the rule binds around it becomes a variable, and
 * an argument that is evaluated once per item a lambda.
 */
export const bindNames = (node: Expression): Expression => bind(node, new Set());

type Names = ReadonlySet<string>;
const withNames = (names: Names, more: readonly string[]): Names =>
  more.length === 0 ? names : new Set([...names, ...more]);

function bind(node: Expression, names: Names): Expression {
  const inside = (child: Expression): Expression => bind(child, names);
  switch (node.kind) {
    case 'path': {
      const [first, ...steps] = node.steps;
      if (node.root.kind === 'scope' && node.root.up === 0 && first !== undefined && names.has(first.key))
        return { ...node, root: { kind: 'variable', name: first.key, span: first.span }, steps };
      return mapChildren(node, inside);
    }
    case 'call': {
      const bound = mapChildren(node, inside);
      const name = findFunctionName(node.name);
      if (bound.kind !== 'call' || name === undefined) return bound;
      const items = bound.arguments.map((item, index) =>
        isPerItem(name, index) && item.kind !== 'lambda' ? implicitLambda(item) : item,
      );
      return { ...bound, arguments: items };
    }
    case 'lambda':
      return { ...node, body: bind(node.body, withNames(names, node.parameters)) };
    case 'let':
      return { ...node, value: inside(node.value), body: bind(node.body, withNames(names, [node.name])) };
    case 'quantifier': {
      const { bindings, all } = bindSources(node.bindings, names);
      return { ...node, bindings, condition: bind(node.condition, all) };
    }
    case 'select': {
      const { bindings, all } = bindSources(node.bindings, names);
      const condition = node.condition === undefined ? undefined : bind(node.condition, all);
      return { ...node, bindings, condition, result: bind(node.result, all) };
    }
    case 'chain': {
      let known = names;
      const steps = node.steps.map((step): ChainStep => {
        const before = known;
        known = withNames(known, [step.label]);
        const when = step.when && mapConstraint(step.when, (child) => bind(child, before));
        return { ...step, what: inside(step.what), when };
      });
      return { ...node, events: inside(node.events), time: inside(node.time), steps };
    }
    default:
      return mapChildren(node, inside);
  }
}

function bindSources(
  bindings: readonly Binding[],
  names: Names,
): { readonly bindings: readonly Binding[]; readonly all: Names } {
  let all = names;
  const bound = bindings.map((binding) => {
    const source = bind(binding.source, all);
    all = withNames(all, [binding.variable]);
    return { ...binding, source };
  });
  return { bindings: bound, all };
}

const implicitLambda = (body: Expression): Expression => ({
  kind: 'lambda',
  parameters: [],
  body,
  span: body.span,
});
