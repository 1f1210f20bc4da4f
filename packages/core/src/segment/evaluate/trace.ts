import type { JsonValue } from '../../xdm/field.ts';
import type { RuleTypes } from '../check/checking.ts';
import type { Clock, Subject } from '../subject.ts';
import type { Expression, Span } from '../syntax/ast.ts';
import { compileRule } from './compile.ts';
import { beginRun, isBeyondBounds, type Reader } from './run.ts';
import { toJson } from './value.ts';

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

type Growing = { node: Expression; value: JsonValue; children: Growing[]; more: number };

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
  const top: Growing = { node: ast, value: null, children: [], more: 0 };
  let current = top;
  let noted = 0;
  const wrap = (node: Expression, reader: Reader): Reader => {
    if (node.kind === 'literal' || node.kind === 'date' || node.kind === 'lambda') return reader;
    return (run) => {
      const parent = current;
      const same = parent.children.filter((child) => child.node === node);
      if (same.length >= shownItems || noted >= maxNodes) {
        const last = same.at(-1);
        if (last !== undefined) last.more++;
        current = { node, value: null, children: [], more: 0 };
        try {
          return reader(run);
        } finally {
          current = parent;
        }
      }
      noted++;
      const own: Growing = { node, value: null, children: [], more: 0 };
      parent.children.push(own);
      current = own;
      try {
        const value = reader(run);
        own.value = shorten(toJson(value));
        return value;
      } finally {
        current = parent;
      }
    };
  };
  const read = compileRule(ast, types, wrap);
  try {
    read(beginRun(subject, clock));
  } catch (error) {
    if (!isBeyondBounds(error)) throw error;
    clock.exceeded = true;
  }
  return finish(top.children[0] ?? top, text);
}

function shorten(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.slice(0, longestValue);
  if (typeof value !== 'object' || value === null) return value;
  const written = JSON.stringify(value);
  return written.length <= longestValue ? value : `${written.slice(0, longestValue)}…`;
}

const finish = ({ node, value, children, more }: Growing, text: string): TraceNode => ({
  text: text.slice(node.span.start, node.span.end),
  span: node.span,
  value,
  children: children.map((child) => finish(child, text)),
  more,
});
