import type { JsonValue } from '../../xdm/field.ts';
import type { RuleTypes } from '../check/checking.ts';
import type { Clock, Subject } from '../subject.ts';
import type { Expression, Span } from '../syntax/ast.ts';
import { compileRule } from './compile.ts';
import { beginRun, isBeyondBounds, type Reader } from './run.ts';
import { entriesOf, isGroup, isList, MapEntry, toJson, type Value } from './value.ts';

/** One part of a rule with what it yielded. */
export type TraceNode = {
  /** As it stands in the rule. */
  readonly text: string;
  readonly span: Span;
  /** Times as ISO 8601, absent values as null. */
  readonly value: JsonValue;
  /** What was evaluated for it, in that order; what was not needed is left out. */
  readonly children: readonly TraceNode[];
  /** How often more it was evaluated for further items. */
  readonly more: number;
};

type Growing = {
  readonly node: Expression;
  value: JsonValue;
  readonly children: Growing[];
  /** Of each part below: how often it is shown, and the last of those. */
  readonly shown: Map<Expression, { times: number; last: Growing }>;
  more: number;
};

const growing = (node: Expression): Growing => ({
  node,
  value: null,
  children: [],
  shown: new Map(),
  more: 0,
});

/** Evaluations of one part for the items of a list that are shown. */
const shownItems = 5;
/** Parts of one trace: beyond them none is noted. */
const maxNodes = 2_000;
/** Longer lists and groups are told by their beginning. */
const longestValue = 2_000;

/** Evaluates a rule and notes what each of its parts yields. The result is that of `evaluate`. */
export function traceRule(
  ast: Expression,
  types: RuleTypes,
  text: string,
  subject: Subject,
  clock: Clock,
): TraceNode {
  const top = growing(ast);
  let current = top;
  let noted = 0;
  /** Where what a part yields is noted; undefined where enough is. */
  const noteIn = (parent: Growing, node: Expression): Growing | undefined => {
    const before = parent.shown.get(node);
    if ((before !== undefined && before.times >= shownItems) || noted >= maxNodes) {
      if (before !== undefined) before.last.more++;
      return undefined;
    }
    noted++;
    const own = growing(node);
    parent.children.push(own);
    parent.shown.set(node, { times: (before?.times ?? 0) + 1, last: own });
    return own;
  };
  const wrap = (node: Expression, reader: Reader): Reader => {
    if (node.kind === 'literal' || node.kind === 'date' || node.kind === 'lambda') return reader;
    return (run) => {
      const parent = current;
      const own = noteIn(parent, node);
      current = own ?? growing(node);
      try {
        const value = reader(run);
        if (own !== undefined) own.value = shorten(value);
        return value;
      } finally {
        current = parent;
      }
    };
  };
  const read = compileRule(ast, types, wrap);
  try {
    top.value = shorten(read(beginRun(subject, clock)));
  } catch (error) {
    if (!isBeyondBounds(error)) throw error;
    clock.exceeded = true;
  }
  return finish(top.children[0] ?? top, text);
}

function shorten(value: Value): JsonValue {
  if (typeof value === 'string') return value.slice(0, longestValue);
  const json = toJson(beginningOf(value, { left: longestValue }));
  if (typeof json !== 'object' || json === null) return json;
  const written = JSON.stringify(json);
  return written.length <= longestValue ? json : `${written.slice(0, longestValue)}…`;
}

/** As much of a value as there is room for: lists of lists can be far larger than the document they are from. */
function beginningOf(value: Value, room: { left: number }): Value {
  room.left--;
  if (typeof value === 'string') return value.slice(0, longestValue);
  if (isList(value)) {
    const items: Value[] = [];
    for (const item of value) {
      if (room.left < 0) break;
      items.push(beginningOf(item, room));
    }
    return items;
  }
  if (value instanceof MapEntry) return new MapEntry(value.key, beginningOf(value.value, room));
  if (!(value instanceof Map) && !isGroup(value)) return value;
  const entries = new Map<string, Value>();
  for (const [key, inner] of entriesOf(value)) {
    if (room.left < 0) break;
    entries.set(key, beginningOf(inner, room));
  }
  return entries;
}

const finish = ({ node, value, children, more }: Growing, text: string): TraceNode => ({
  text: text.slice(node.span.start, node.span.end),
  span: node.span,
  value,
  children: children.map((child) => finish(child, text)),
  more,
});
