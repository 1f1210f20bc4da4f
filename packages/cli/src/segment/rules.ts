import { compileSegmentRule, type RuleSchema, type SegmentRule } from '@headrace/core';
import { type CaseError, toCaseError } from './case.ts';

type Compiled = { readonly rule: SegmentRule } | { readonly error: CaseError };

/** Rules kept compiled: files of cases repeat theirs. */
const maxKept = 1_000;

/** Compiles rules, each once; without a schema their fields are not checked. */
export class Rules {
  readonly #schema: RuleSchema | undefined;
  readonly #compiled = new Map<string, Compiled>();

  constructor(schema: RuleSchema | undefined) {
    this.#schema = schema;
  }

  compile(text: unknown): Compiled {
    if (typeof text !== 'string') return { error: { message: 'rule: found no text; expected PQL.' } };
    let compiled = this.#compiled.get(text);
    if (compiled === undefined) {
      if (this.#compiled.size >= maxKept) this.#compiled.clear();
      compiled = this.#compile(text);
      this.#compiled.set(text, compiled);
    }
    return compiled;
  }

  #compile(text: string): Compiled {
    try {
      return { rule: compileSegmentRule(text, this.#schema, '/rule') };
    } catch (error) {
      return { error: toCaseError(error) };
    }
  }
}
