import { timeKind } from '../evaluate/time-value.ts';
import type { RuleSchema } from '../segment-rule.ts';
import type { Expression } from '../syntax/ast.ts';
import { maxDetails, type RuleProblem } from '../syntax/rule-problem.ts';
import { nearest } from './nearest.ts';
import { isAlike, isTime, itemOrSelf, type PqlType, typeName, unknownType } from './pql-type.ts';
import type { Scopes } from './scopes.ts';

/** What the checker found out about each node; what a compiler needs besides the tree. */
export type RuleTypes = ReadonlyMap<Expression, PqlType>;

/** The titles of a path's fields, a key where there is no title; for English. */
export type PathTitles = ReadonlyMap<Expression, readonly string[]>;

/** Known segments: their names by id. */
export type KnownSegments = ReadonlyMap<string, string>;

/** One check in progress, at one place of the rule. */
export type Checking = {
  /** Of the rule. */
  readonly text: string;
  /** Undefined: no field is known, each may hold anything. */
  readonly schema: RuleSchema | undefined;
  /** Undefined: segments are not looked up. */
  readonly segments: KnownSegments | undefined;
  readonly types: Map<Expression, PqlType>;
  readonly titles: Map<Expression, readonly string[]>;
  readonly problems: RuleProblem[];
  readonly scopes: Scopes;
  /** The type of a node, remembered. A member, so that the modules for kinds of nodes need not import one another. */
  readonly check: (node: Expression, checking: Checking) => PqlType;
};

/** Notes a problem at a node, or at a name inside one. */
export function report(
  checking: Checking,
  at: Expression | { readonly start: number },
  message: string,
): void {
  checking.problems.push({ offset: 'span' in at ? at.span.start : at.start, message });
}

/**
 * ` Did you mean …?` for an error message, or nothing. Nothing too once there are more problems than are shown:
 * a rule of noise shall not cost a search for each of its words.
 */
export function didYouMean(
  checking: Checking,
  word: string,
  candidates: () => Iterable<string>,
  show = (name: string): string => name,
): string {
  const meant = checking.problems.length < maxDetails ? nearest(word, candidates()) : undefined;
  return meant === undefined ? '' : ` Did you mean ${show(meant)}?`;
}

/** Text beside a date is read as one: `birthDate > "1990-01-01"`. Any other text there is a mistake. */
export function alignTime(node: Expression, type: PqlType, beside: PqlType, checking: Checking): PqlType {
  if (!isTime(itemOrSelf(beside)) || node.kind !== 'literal' || typeof node.value !== 'string') return type;
  const kind = timeKind(node.value);
  if (kind === undefined)
    report(
      checking,
      node,
      'found text that is no date; expected date(year, month, day), "YYYY-MM-DD" or "YYYY-MM-DDThh:mm:ssZ"',
    );
  const aligned: PqlType = kind === undefined ? unknownType : { kind };
  checking.types.set(node, aligned);
  return aligned;
}

/** A literal compared with a field that has a fixed set of values must be one of them. */
export function checkAccepted(
  node: Expression,
  otherType: PqlType,
  checking: Checking,
  fold = (text: string): string => text,
): void {
  const other = itemOrSelf(otherType);
  if (other.kind !== 'text' || other.enum === undefined) return;
  if (node.kind !== 'literal' || typeof node.value !== 'string') return;
  const accepted = other.enum;
  const value = fold(node.value);
  if (accepted.some((one) => fold(one) === value)) return;
  const shown = accepted.slice(0, 10).map((one) => JSON.stringify(one));
  const more = accepted.length > shown.length ? `, … (${accepted.length} values)` : '';
  report(
    checking,
    node,
    `found ${JSON.stringify(node.value.slice(0, 40))}, which the field never holds; expected one of ${shown.join(', ')}${more}.${didYouMean(checking, node.value, () => accepted, JSON.stringify)}`,
  );
}

/** Reports a value that cannot be equal to the values beside it. */
export function matchItem(node: Expression, type: PqlType, expected: PqlType, checking: Checking): void {
  if (!isAlike(type, expected))
    report(checking, node, `found ${typeName(type)}; expected ${typeName(expected)}, as on the other side`);
  else checkAccepted(node, expected, checking);
}
