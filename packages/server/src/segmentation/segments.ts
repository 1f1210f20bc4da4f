import { randomUUID } from 'node:crypto';
import { compileSegmentRule, HeadraceError, invalidInput, notFound, type SegmentRule } from '@headrace/core';
import type pg from 'pg';
import { Wakeup } from '../lifecycle/wakeup.ts';
import { transaction } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { insertSegment, readSegment, readSegments, type SegmentRow } from '../store/segments.ts';
import type { MembershipListener } from './evaluate-due.ts';
import { evaluateNewSegments } from './evaluate-population.ts';
import type { SegmentRules } from './segment-rules.ts';
import { type RuleTest, testRule } from './test-rule.ts';

/** Segments another process created are found this often. */
const pollMs = 2_000;

export type SegmentsOptions = {
  readonly pool: pg.Pool;
  readonly rules: SegmentRules;
  readonly onMemberships: MembershipListener;
  readonly onCommit: () => void;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
};

/** Segments: their rules, and the evaluation of new ones over everyone. */
export class Segments {
  readonly #options: SegmentsOptions;
  readonly #wakeup = new Wakeup();

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /**
   * Creates a segment. Ingestion evaluates it from now on; everyone who is there already follows at once.
   * @throws HeadraceError `invalid_input` with positions when the expression is no rule over the union schema,
   *   `conflict` when the name is taken.
   */
  async create(segment: {
    readonly name: string;
    readonly description: string;
    readonly expression: string;
  }): Promise<SegmentRow> {
    const { pool, now } = this.#options;
    const name = segment.name.trim();
    if (name === '') throw invalidInput('The segment has no name. Give it one that people recognise.');
    await this.#compile(segment.expression);
    const segmentId = randomUUID();
    const isNew = await transaction(pool, async (trx) => {
      await lockProfileWrites(trx);
      return insertSegment(trx, { ...segment, name, segmentId, createdAt: now() });
    });
    if (!isNew)
      throw new HeadraceError(
        'conflict',
        `There is a segment ${JSON.stringify(name)} already. Choose another name.`,
      );
    this.#wakeup.wake();
    return this.get(segmentId);
  }

  async get(segmentId: string): Promise<SegmentRow> {
    const segment = await readSegment(this.#options.pool, segmentId);
    if (segment === undefined) throw notFound('segment', segmentId);
    return segment;
  }

  /** What an expression says, in English. @throws HeadraceError `invalid_input` when it is no rule. */
  async describe(expression: string): Promise<string> {
    return (await this.#compile(expression)).describe();
  }

  /** Tries a rule on one profile. @throws HeadraceError `not_found`, `invalid_input`. */
  test(request: { readonly expression: string; readonly profileId: string }): Promise<RuleTest> {
    return testRule(this.#options.pool, request, this.#options.now());
  }

  /** `inSegment` may name segments there are. */
  async #compile(expression: string): Promise<SegmentRule> {
    const { pool } = this.#options;
    const known = new Map((await readSegments(pool)).map(({ segmentId, name }) => [segmentId, name]));
    return compileSegmentRule(expression, await readRuleSchema(pool), undefined, known);
  }

  /** Evaluates new segments until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await evaluateNewSegments({ ...this.#options, signal });
      } catch (error) {
        this.#options.onError(error);
      }
      await this.#wakeup.sleep(pollMs, signal);
    }
  }
}
