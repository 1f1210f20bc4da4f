import { compare } from '../compare.ts';
import { countFolding, countSearch, countText } from '../cost.ts';
import { compileLikePattern, type LikePattern } from '../like-pattern.ts';
import { findsPattern, groupOf } from '../regex.ts';
import { countStep, type Run } from '../run.ts';
import { foldCase } from '../text-compare.ts';
import { isList, type Value } from '../value.ts';
import type { Implementation } from './call.ts';

type TextTest = (target: string, text: string, run: Run) => boolean;

/** A function of text and text with the optional case-sensitivity argument; false where either is absent. */
const textTest =
  (test: TextTest): Implementation =>
  ({ run, target, given: [text, sensitive] }) => {
    if (!isList(target)) return textHolds(run, test, target, text, sensitive);
    return target.some((item) => {
      countStep(run);
      return textHolds(run, test, item, text, sensitive);
    });
  };

function textHolds(run: Run, test: TextTest, target: Value, text: Value, sensitive: Value): boolean {
  if (typeof target !== 'string' || typeof text !== 'string') return false;
  if (sensitive === false) {
    countFolding(run, target.length + text.length);
    return test(foldCase(target), foldCase(text), run);
  }
  return test(target, text, run);
}

const contains: TextTest = (target, text, run) => {
  countSearch(run, target, text);
  return target.includes(text);
};
const startsWith: TextTest = (target, text, run) => {
  countText(run, text.length);
  return target.startsWith(text);
};
const endsWith: TextTest = (target, text, run) => {
  countText(run, text.length);
  return target.endsWith(text);
};
const not =
  (test: TextTest): TextTest =>
  (target, text, run) =>
    !test(target, text, run);

/** `=` or `!=` in any case; of anything but two texts the case says nothing. */
function equals(run: Run, operator: '=' | '!=', target: Value, value: Value, sensitive: Value): boolean {
  if (sensitive !== false) return compare(run, operator, target, value);
  if (isList(target) && !isList(value))
    return target.some((item) => {
      countStep(run);
      return equals(run, operator, item, value, sensitive);
    });
  if (typeof target !== 'string' || typeof value !== 'string') return compare(run, operator, target, value);
  countFolding(run, target.length + value.length);
  return compare(run, operator, foldCase(target), foldCase(value));
}

const likePatterns = new Map<string, LikePattern | undefined>();
function likePattern(pattern: string): LikePattern | undefined {
  if (!likePatterns.has(pattern)) {
    if (likePatterns.size >= 1_000) likePatterns.clear();
    likePatterns.set(pattern, compileLikePattern(pattern));
  }
  return likePatterns.get(pattern);
}

/** Of text, or of any text of a list. */
export const textFunctions = {
  like: ({ run, target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some((text) => {
      countStep(run);
      return typeof text === 'string' && likePattern(pattern)?.(run, text) === true;
    }),
  startsWith: textTest(startsWith),
  doesNotStartWith: textTest(not(startsWith)),
  endsWith: textTest(endsWith),
  doesNotEndWith: textTest(not(endsWith)),
  contains: textTest(contains),
  doesNotContain: textTest(not(contains)),
  equals: ({ run, target, given: [value, sensitive] }) => equals(run, '=', target, value, sensitive),
  notEqualTo: ({ run, target, given: [value, sensitive] }) => equals(run, '!=', target, value, sensitive),
  matches: ({ run, target, given: [pattern] }) =>
    typeof pattern === 'string' &&
    (isList(target) ? target : [target]).some((text) => {
      countStep(run);
      return typeof text === 'string' && findsPattern(run, text, pattern);
    }),
  regexGroup: ({ run, target, given: [pattern, group] }) =>
    typeof target === 'string' && typeof pattern === 'string' && typeof group === 'number'
      ? groupOf(run, target, pattern, group)
      : undefined,
} satisfies Readonly<Record<string, Implementation>>;
