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
import { readSegmentRevision, readSegments, type SegmentRow } from '../store/segments.ts';

export type SegmentWithRule = SegmentRow & IdentifiedRule;

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  readonly #compiled = new Map<string, SegmentRule>();
  #read: { readonly revision: string; readonly rules: readonly SegmentWithRule[] } | undefined;

  /**
   * The rules that are evaluated, as the given transaction sees them; those that others look at first. The very same
   * list while no segment is written, so that what follows from it is computed once.
   */
  async read(db: Db): Promise<readonly SegmentWithRule[]> {
    // Before the rows: what is written in between makes the list too new for its revision, which is then never met again.
    const revision = await readSegmentRevision(db);
    if (this.#read?.revision === revision) return this.#read.rules;
    const rules = orderRules(await this.#compile(db, (segment) => segment.state === 'published'));
    this.#read = { revision, rules };
    return rules;
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
