import { compileSegmentRule, type SegmentRule } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { composeStored, readUnionParts } from '../store/dataset-contexts.ts';
import { readSegments } from '../store/segments.ts';

export type ActiveRule = {
  readonly segmentId: string;
  readonly rule: SegmentRule;
  readonly isEvaluated: boolean;
};

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  readonly #compiled = new Map<string, SegmentRule>();

  /** The rules of all segments as the given transaction sees them. */
  async read(db: Db): Promise<ActiveRule[]> {
    const segments = await readSegments(db);
    const unknown = segments.filter(
      ({ segmentId, expression }) => this.#find(segmentId, expression) === undefined,
    );
    if (unknown.length > 0) {
      const schema = await composeStored(db, await readUnionParts(db));
      for (const { segmentId, expression } of unknown)
        this.#compiled.set(segmentId, compileSegmentRule(expression, schema));
    }
    return segments.flatMap(({ segmentId, expression, evaluatedAt }) => {
      const rule = this.#find(segmentId, expression);
      return rule === undefined ? [] : [{ segmentId, rule, isEvaluated: evaluatedAt !== null }];
    });
  }

  #find(segmentId: string, expression: string): SegmentRule | undefined {
    const rule = this.#compiled.get(segmentId);
    return rule?.text === expression ? rule : undefined;
  }
}
