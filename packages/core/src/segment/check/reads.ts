import type { EventReads, RuleReads } from '../subject.ts';
import type {
  Binding,
  CallExpression,
  ChainExpression,
  ChainStep,
  Expression,
  PathExpression,
} from '../syntax/ast.ts';
import { findFunctionName, isPerItem } from '../syntax/function-names.ts';
import { childrenOf } from '../syntax/walk.ts';
import { type IsEventTime, largest, lookbackOf, lookbackWithin, referencesOf, smallest } from './lookback.ts';

/**
 * Where a value comes from: a place in the profile or in its events. It is noted as read when the value is used; a
 * step further, and what is noted is the longer path.
 */
type Source = {
  readonly of: 'profile' | 'events';
  readonly path: readonly string[];
  /** Keys of groups (`groupBy`, `mapEntry`) around it, which are no steps of its path. */
  readonly keys: number;
};

/** Places one value can come from that are told apart. */
const maxSources = 64;

type Scope = {
  readonly levels: readonly (readonly Source[])[];
  /** `$1`, `$2` of the innermost level. */
  readonly parameters: readonly (readonly Source[])[];
  readonly variables: ReadonlyMap<string, readonly Source[]>;
};

/** What a rule can look at. */
export function readsOf(rule: Expression): RuleReads {
  const reading = new Reading();
  const profile: readonly Source[] = [{ of: 'profile', path: [], keys: 0 }];
  const variables = new Map(
    rule.kind === 'lambda' ? rule.parameters.map((name) => [name, profile] as const) : [],
  );
  const body = rule.kind === 'lambda' ? rule.body : rule;
  reading.condition(body, { levels: [profile], parameters: [profile], variables });
  return reading.result();
}

class Reading {
  readonly #profile = new Set<string>();
  readonly #events = new Set<string>();
  readonly #segments = new Set<string>();
  /** One for each place that names all events. */
  readonly #lookbacks: (number | undefined)[] = [];

  result(): RuleReads {
    const events: EventReads | undefined =
      this.#lookbacks.length === 0
        ? undefined
        : {
            paths: this.#events.has('') ? [] : [...this.#events].sort(),
            lookbackMs: largest(this.#lookbacks),
          };
    return { paths: [...this.#profile].sort(), events, segments: [...this.#segments].sort() };
  }

  /** Notes that values are looked at as they are. */
  use(sources: readonly Source[]): void {
    for (const { of, path } of sources) {
      const dotted = path.findIndex((key) => key.includes('.'));
      (of === 'profile' ? this.#profile : this.#events).add(
        path.slice(0, dotted === -1 ? undefined : dotted).join('.'),
      );
    }
  }

  /** Notes that it matters which values there are, but not what they hold: of events their times do. */
  #count(sources: readonly Source[]): void {
    this.use(sources.filter(({ of, path }) => of === 'profile' || path.length > 0));
  }

  /** Notes what a condition looks at: of a list that stands for one, whether it has an item. */
  condition(node: Expression, scope: Scope): void {
    this.#count(this.walk(node, scope));
  }

  /**
   * Where the value of an expression comes from; everything else inside it is noted.
   * @param bound of events further back than this the caller takes no notice
   */
  walk(node: Expression, scope: Scope, bound?: number): readonly Source[] {
    switch (node.kind) {
      case 'path':
        return this.#path(node, scope, bound);
      case 'call':
        return this.#call(node, scope, bound);
      case 'let':
        return this.walk(node.body, bindName(scope, node.name, this.walk(node.value, scope)));
      case 'if':
        this.condition(node.condition, scope);
        return this.#either(this.walk(node.whenTrue, scope), this.walk(node.whenFalse, scope));
      case 'quantifier': {
        const limit = node.quantifier === 'exists' ? node.condition : undefined;
        const inner = this.#bind(node.bindings, limit, scope);
        this.condition(node.condition, inner);
        return [];
      }
      case 'select': {
        const inner = this.#bind(node.bindings, node.condition, scope);
        if (node.condition !== undefined) this.condition(node.condition, inner);
        return this.walk(node.result, inner);
      }
      case 'chain':
        this.#chain(node, scope);
        return [];
      case 'logic':
      case 'not':
        for (const child of childrenOf(node)) this.condition(child, scope);
        return [];
      default:
        for (const child of childrenOf(node)) this.use(this.walk(child, scope));
        return [];
    }
  }

  /** A rule can name more places than can be listed, each by a choice of choices: then it reads everything. */
  #either(a: readonly Source[], b: readonly Source[]): readonly Source[] {
    const different = new Map([...a, ...b].map((source) => [JSON.stringify(source), source]));
    if (different.size <= maxSources) return [...different.values()];
    const everything = (['profile', 'events'] as const)
      .filter((of) => [...different.values()].some((source) => source.of === of))
      .map((of): Source => ({ of, path: [], keys: 0 }));
    this.use(everything);
    return everything;
  }

  #path({ root, steps }: PathExpression, scope: Scope, bound: number | undefined): readonly Source[] {
    let sources: readonly Source[] = [];
    if (root.kind === 'scope') sources = scope.levels.at(-1 - root.up) ?? [];
    else if (root.kind === 'variable') sources = scope.variables.get(root.name) ?? [];
    else if (root.kind === 'parameter') sources = scope.parameters[root.number - 1] ?? [];
    else if (root.kind === 'value')
      sources = this.walk(root.value, scope, steps.length === 0 ? bound : undefined);
    else {
      sources = [{ of: 'events', path: [], keys: 0 }];
      this.#events.add('timestamp');
      // The order of events of one instant is that of their ids.
      this.#events.add('_id');
      this.#lookbacks.push(steps.length === 0 ? bound : undefined);
    }
    for (const { key } of steps) sources = sources.map((source) => into(source, key));
    return sources;
  }

  #call(node: CallExpression, scope: Scope, bound: number | undefined): readonly Source[] {
    const [first] = node.arguments;
    if (node.name === 'inSegment' && first?.kind === 'literal') this.#segments.add(String(first.value));
    if (node.name === 'mapEntry') {
      const [key, value] = node.arguments.map((argument) => this.walk(argument, scope));
      this.use(key ?? []);
      return (value ?? []).map((source) => ({ ...source, keys: source.keys + 1 }));
    }
    if (node.target === undefined) {
      for (const argument of node.arguments) this.use(this.walk(argument, scope));
      return [];
    }
    const isLimit = node.name === 'filter' || node.name === 'exists';
    const limit = isLimit && first !== undefined ? lookbackOf(bodyOf(first), timeOfItem(first)) : undefined;
    const passed = node.name === 'filter' ? bound : undefined;
    const target = this.walk(node.target, scope, smallest([limit, passed]));
    const name = findFunctionName(node.name);
    const results = node.arguments.map((argument, index) => {
      if (name === undefined || !isPerItem(name, index)) return this.walk(argument, scope);
      return this.walk(bodyOf(argument), enter(argument, target, scope));
    });
    const isCondition = name === 'filter' || name === 'exists' || name === 'forall';
    if (isCondition) for (const result of results) this.#count(result);
    else if (name !== 'map') for (const result of results) this.use(result);
    return this.#resultOf(node, target, results[0] ?? []);
  }

  #resultOf(node: CallExpression, target: readonly Source[], first: readonly Source[]): readonly Source[] {
    switch (node.name) {
      case 'filter':
      case 'topN':
      case 'bottomN':
      case 'head':
        this.#count(target);
        return target;
      case 'map':
        this.#count(target);
        return first;
      case 'groupBy':
        this.#count(target);
        return target.map((source) => ({ ...source, keys: source.keys + 1 }));
      case 'get':
      case 'values':
        this.#count(target.filter(({ keys }) => keys === 0));
        return target.map((source) => ({ ...source, keys: Math.max(0, source.keys - 1) }));
      case 'min':
      case 'max':
      case 'sum':
      case 'average':
        if (node.arguments.length === 0) this.use(target);
        else this.#count(target);
        return [];
      case 'keys':
        this.#count(target.filter(({ keys }) => keys > 0));
        this.use(target.filter(({ keys }) => keys === 0));
        return [];
      case 'exists':
      case 'forall':
      case 'count':
      case 'isNull':
      case 'isNotNull':
        this.#count(target);
        return [];
      default:
        this.use(target);
        return [];
    }
  }

  /** Binds variables; `limit` is what every combination that matters fulfils. */
  #bind(bindings: readonly Binding[], limit: Expression | undefined, scope: Scope): Scope {
    let inner = scope;
    for (const { variable, source } of bindings) {
      const isShadowed = bindings.filter((other) => other.variable === variable).length > 1;
      const bound =
        limit === undefined || isShadowed ? undefined : lookbackOf(limit, timeOfVariable(variable));
      const sources = this.walk(source, inner, bound);
      this.#count(sources);
      inner = bindName(inner, variable, sources);
    }
    return inner;
  }

  /** Every event of a chain is later than that of its first step. */
  #chain({ events, time, steps }: ChainExpression, scope: Scope): void {
    const [first] = steps;
    const isBounded = first !== undefined && mustHappen(first) && timeOfNames(time);
    const bound = isBounded && first.when !== undefined ? lookbackWithin(first.when) : undefined;
    const source = this.walk(events, scope, bound);
    this.#count(source);
    const inEvent = { ...scope, levels: [...scope.levels, source], parameters: [source] };
    this.use(this.walk(time, inEvent));
    for (const step of steps) {
      this.condition(step.what, inEvent);
      for (const reference of step.when === undefined ? [] : referencesOf(step.when))
        this.use(this.walk(reference, scope));
    }
  }
}

/** Whether a chain holds only with an event for this step. */
const mustHappen = ({ isExcluded, count }: ChainStep): boolean => {
  if (isExcluded) return false;
  if (count === undefined || count.operator === '>') return true;
  return (count.operator === '=' || count.operator === '>=') && count.amount > 0;
};

const into = (source: Source, key: string): Source =>
  source.keys > 0 ? { ...source, keys: source.keys - 1 } : { ...source, path: [...source.path, key] };

const bindName = (scope: Scope, name: string, sources: readonly Source[]): Scope => ({
  ...scope,
  variables: new Map([...scope.variables, [name, sources]]),
});

const bodyOf = (node: Expression): Expression => (node.kind === 'lambda' ? node.body : node);

/** The scope inside a lambda: of a group its parameters are the key and what stands there. */
function enter(lambda: Expression, target: readonly Source[], scope: Scope): Scope {
  const values = target.map((source) => ({ ...source, keys: Math.max(0, source.keys - 1) }));
  const names = lambda.kind === 'lambda' ? lambda.parameters : [];
  if (names.length === 0)
    return { ...scope, levels: [...scope.levels, values], parameters: [values, values] };
  let inner = scope;
  for (const name of names) inner = bindName(inner, name, values);
  return inner;
}

const isTimestamp = (node: Expression): node is PathExpression =>
  node.kind === 'path' && node.steps.length === 1 && node.steps[0]?.key === 'timestamp';

/** `timestamp` where names stand for the event. */
const timeOfNames: IsEventTime = (node) =>
  isTimestamp(node) &&
  ((node.root.kind === 'scope' && node.root.up === 0) ||
    (node.root.kind === 'parameter' && node.root.number === 1));

const timeOfVariable =
  (name: string): IsEventTime =>
  (node) =>
    isTimestamp(node) && node.root.kind === 'variable' && node.root.name === name;

function timeOfItem(lambda: Expression): IsEventTime {
  const [name] = lambda.kind === 'lambda' ? lambda.parameters : [];
  return name === undefined ? timeOfNames : timeOfVariable(name);
}
