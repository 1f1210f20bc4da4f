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
import {
  type EvaluatedSegment,
  readEvaluatedSegments,
  readSegmentRevision,
  readSegments,
  type SegmentRow,
} from '../store/segments.ts';

/** A segment with the rule it has and the one it is to have. */
export type SegmentWithRule = SegmentRow & IdentifiedRule & { readonly editedRule: SegmentRule | undefined };

/** A segment that is being edited has two rules. */
const maxKept = 2;

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  /** By segment, the newest first. */
  readonly #compiled = new Map<string, readonly SegmentRule[]>();
  #read: { readonly revision: string; readonly rules: readonly IdentifiedRule[] } | undefined;

  /**
   * The rules that are evaluated, as the given transaction sees them; those that others look at first. The very same
   * list while no segment is written, so that what follows from it is computed once.
   */
  async read(db: Db): Promise<readonly IdentifiedRule[]> {
    // Before the rows: what is written in between makes the list too new for its revision, which is then never met again.
    const revision = await readSegmentRevision(db);
    if (this.#read?.revision === revision) return this.#read.rules;
    const evaluated = await this.#compile(db, await readEvaluatedSegments(db));
    const rules = orderRules(
      evaluated.map(({ segmentId, rule, inForceSince }) => ({
        segmentId,
        rule,
        ...(inForceSince !== null && { inForceSince }),
      })),
    );
    this.#read = { revision, rules };
    return rules;
  }

  /** The given rules with those that look at their segments, in order. */
  async dependentsOf(db: Db, rules: readonly IdentifiedRule[]): Promise<IdentifiedRule[]> {
    const all = await this.read(db);
    const wanted = withDependents(
      all,
      rules.map(({ segmentId }) => segmentId),
    );
    return all.filter(({ segmentId }) => wanted.has(segmentId));
  }

  /** Segments of every state with their rules, by name. */
  async readAll(db: Db): Promise<SegmentWithRule[]> {
    const segments = await readSegments(db);
    const edited = segments.flatMap(({ segmentId, editedExpression }) =>
      editedExpression === null ? [] : [{ segmentId, expression: editedExpression }],
    );
    const editedRules = new Map(
      (await this.#compile(db, edited)).map(({ segmentId, rule }) => [segmentId, rule]),
    );
    return (await this.#compile(db, segments)).map((segment) => ({
      ...segment,
      editedRule: editedRules.get(segment.segmentId),
    }));
  }

  /** Segments of every state whose rules look at one, now or once edited. */
  async readersOf(db: Db, segmentId: string): Promise<SegmentWithRule[]> {
    return (await this.readAll(db)).filter(({ rule, editedRule }) =>
      [rule, editedRule].some((one) => one?.reads.segments.includes(segmentId)),
    );
  }

  async #compile<Segment extends Pick<EvaluatedSegment, 'segmentId' | 'expression'>>(
    db: Db,
    segments: readonly Segment[],
  ): Promise<(Segment & IdentifiedRule)[]> {
    let schema: RuleSchema | undefined;
    const found: (Segment & IdentifiedRule)[] = [];
    for (const segment of segments) {
      const known = this.#compiled.get(segment.segmentId) ?? [];
      let rule = known.find(({ text }) => text === segment.expression);
      if (rule === undefined) {
        schema ??= await readRuleSchema(db);
        rule = compileSegmentRule(segment.expression, schema);
        this.#compiled.set(segment.segmentId, [rule, ...known].slice(0, maxKept));
      }
      found.push({ ...segment, rule });
    }
    return found;
  }
}
