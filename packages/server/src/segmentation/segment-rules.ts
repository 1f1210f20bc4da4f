import {
  compileSegmentRule,
  type IdentifiedRule,
  orderRules,
  type RuleSchema,
  type SegmentRule,
  withDependents,
} from '@headrace/core';
import type { Db } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { readSegments, type SegmentRow } from '../store/segments.ts';

export type SegmentWithRule = SegmentRow & IdentifiedRule;

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  readonly #compiled = new Map<string, SegmentRule>();

  /** The rules that are evaluated, as the given transaction sees them; those that others look at first. */
  async read(db: Db): Promise<SegmentWithRule[]> {
    return orderRules(await this.#compile(db, (segment) => segment.state === 'published'));
  }

  /** Segments of every state whose rules look at one, by name. */
  async readersOf(db: Db, segmentId: string): Promise<SegmentWithRule[]> {
    const all = await this.#compile(db, () => true);
    return all.filter(({ rule }) => rule.reads.segments.includes(segmentId));
  }

  /** The given rules with those that look at their segments, in order. */
  async dependentsOf(db: Db, rules: readonly IdentifiedRule[]): Promise<SegmentWithRule[]> {
    const all = await this.read(db);
    const wanted = withDependents(
      all,
      rules.map(({ segmentId }) => segmentId),
    );
    return all.filter(({ segmentId }) => wanted.has(segmentId));
  }

  async #compile(db: Db, isWanted: (segment: SegmentRow) => boolean): Promise<SegmentWithRule[]> {
    const found: SegmentWithRule[] = [];
    let schema: RuleSchema | undefined;
    for (const segment of await readSegments(db)) {
      if (!isWanted(segment)) continue;
      let rule = this.#compiled.get(segment.segmentId);
      if (rule?.text !== segment.expression) {
        schema ??= await readRuleSchema(db);
        rule = compileSegmentRule(segment.expression, schema);
        this.#compiled.set(segment.segmentId, rule);
      }
      found.push({ ...segment, rule });
    }
    return found;
  }
}
