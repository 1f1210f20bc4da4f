import { HeadraceError, type SegmentRule } from '@headrace/core';
import { type CaseInput, readCase } from './read-case.ts';

/** What goes wrong with a rule or with what it is tried on; `position` is a zero-based offset into the rule. */
export type CaseError = { readonly message: string; readonly position?: number };
/** `exceeded` stands only where the rule needed more steps than it may take, and so counts as not fulfilled. */
export type CaseResult = { readonly result: boolean; readonly exceeded?: true };
export type CaseAnswer = CaseResult | { readonly error: CaseError };

/** Evaluates a rule on what a case gives. */
export function answerCase(rule: SegmentRule, input: CaseInput): CaseAnswer {
  try {
    const { subject, clock } = readCase(input);
    const result = rule.evaluate(subject, clock);
    return clock.exceeded === true ? { result, exceeded: true } : { result };
  } catch (error) {
    return { error: toCaseError(error) };
  }
}

/** The first of what is wrong, with its place in the rule. Anything unforeseen is an answer, too: the other cases go on. */
export function toCaseError(error: unknown): CaseError {
  if (!(error instanceof HeadraceError))
    return {
      message: `This cannot be evaluated: ${error instanceof Error ? error.message : String(error)}.`,
    };
  const [first] = error.details;
  if (first?.position === undefined) return { message: error.message };
  return { message: first.message, position: first.position };
}
