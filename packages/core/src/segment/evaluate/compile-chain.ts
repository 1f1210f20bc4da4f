import type { Expression, TimeConstraint } from '../syntax/ast.ts';
import { nodesOf } from '../syntax/walk.ts';
import { type CompiledStep, holdsChain } from './chain.ts';
import { compileConstraint } from './compile-time.ts';
import { type Compiling, compileCondition } from './compiling.ts';
import type { Reader, Run } from './run.ts';
import { isList, type Value } from './value.ts';

/** `CHAIN(…)`: each step with its label, which those behind it see. */
export function compileChain(node: Expression & { readonly kind: 'chain' }, compiling: Compiling): Reader {
  const events = compiling.compile(node.events, compiling);
  const { scope: eventScope, slots } = compiling.scope.inside();
  const [eventSlot] = slots;
  const time = compiling.compile(node.time, { ...compiling, scope: eventScope });
  let within = compiling;
  const labels = new Map(node.steps.map(({ label }, index) => [label, index]));
  const looks = node.steps.map(({ when }) => (when === undefined ? [] : labelsIn(when, labels)));
  const steps = node.steps.map((step, index): CompiledStep => {
    const inner = within.scope.inside();
    const what = compileCondition(step.what, { ...within, scope: inner.scope });
    const when = step.when && compileConstraint(step.when, within);
    const { scope, slot } = within.scope.with(step.label);
    within = { ...within, scope };
    return {
      isExcluded: step.isExcluded,
      count: step.count,
      looksAt: [...new Set(looks.slice(index).flat())].filter((label) => label < index),
      isOf: (run, event) => {
        run.slots[inner.slots[0]] = event;
        return what(run);
      },
      when,
      isByLabel: (looks[index] ?? []).length > 0,
      setLabel: (run, at) => {
        run.slots[slot] = at;
      },
    };
  });
  const timeOf = (run: Run, event: Value): Value => {
    run.slots[eventSlot] = event;
    return time(run);
  };
  return (run) => {
    const list = events(run);
    return isList(list) && holdsChain(run, steps, list, timeOf);
  };
}

/** The steps whose labels a constraint names. */
function labelsIn(constraint: TimeConstraint, labels: ReadonlyMap<string, number>): readonly number[] {
  const references =
    constraint.kind === 'between' ? [constraint.from, constraint.to] : [constraint.reference];
  return references
    .flatMap((reference) => [...nodesOf(reference)])
    .flatMap((node) =>
      node.kind === 'path' && node.root.kind === 'variable' ? (labels.get(node.root.name) ?? []) : [],
    );
}
