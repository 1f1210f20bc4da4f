import { randomUUID } from 'node:crypto';
import { compileSegmentRule, HeadraceError, invalidInput, notFound } from '@headrace/core';
import type pg from 'pg';
import { type Db, type Trx, transaction } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { lockProfileWrites } from '../store/locks.ts';
import {
  insertSegment,
  readSegment,
  readSegments,
  type SegmentRow,
  type SegmentState,
  writeSegment,
} from '../store/segments.ts';
import { beginSegmentDeletion } from './delete-segment.ts';
import { beginEvaluation } from './evaluate-population.ts';
import { type Dependents, readDependents, refuseDependents } from './segment-dependents.ts';
import type { SegmentRules } from './segment-rules.ts';
import { type RuleTest, testRule } from './test-rule.ts';

export type SegmentsOptions = {
  readonly pool: pg.Pool;
  readonly rules: SegmentRules;
  /** Work on everyone was written down. */
  readonly wakePopulationJobs: () => void;
  readonly now: () => Date;
};

export type NewSegment = Pick<SegmentRow, 'name' | 'description' | 'expression'> & {
  /** Published when left out. */
  readonly state?: 'draft' | 'published';
};
export type SegmentChange = Partial<Pick<SegmentRow, 'name' | 'description' | 'expression' | 'state'>>;

/** Segments, from draft to deleted. */
export class Segments {
  readonly #options: SegmentsOptions;

  constructor(options: SegmentsOptions) {
    this.#options = options;
  }

  /**
   * Creates a segment. Ingestion evaluates a published one from now on; everyone who is there already follows at once.
   * @throws HeadraceError `invalid_input` with positions when the expression is no rule over the union schema or looks
   *   at a segment that is not published, `conflict` when the name is taken.
   */
  async create(segment: NewSegment): Promise<SegmentRow> {
    const { now } = this.#options;
    const state = segment.state ?? 'published';
    const name = segment.name.trim();
    if (name === '') throw invalidInput('The segment has no name. Give it one that people recognise.');
    const segmentId = randomUUID();
    await this.#write(async (trx) => {
      await checkExpression(trx, segment.expression);
      const at = now();
      if (!(await insertSegment(trx, { ...segment, name, state, segmentId, createdAt: at })))
        throw nameTaken(name);
      if (state === 'published') await beginEvaluation(trx, segmentId, at);
    });
    return this.get(segmentId);
  }

  /**
   * Changes a segment. Publishing evaluates it over everyone; one that is taken back keeps its memberships as they are.
   * @throws HeadraceError `not_found`, `invalid_input` as `create`, `conflict` when the name is taken, the expression
   *   of a published one is to change, or others depend on one that is taken back.
   */
  async change(segmentId: string, change: SegmentChange): Promise<SegmentRow> {
    await this.#write(async (trx) => {
      const before = await this.get(segmentId, trx);
      const after = { ...before, ...change, name: (change.name ?? before.name).trim() };
      const named = (await readSegments(trx)).find(({ name }) => name === after.name);
      if (named !== undefined && named.segmentId !== segmentId) throw nameTaken(after.name);
      checkTransition(before, after);
      const isPublished = before.state !== 'published' && after.state === 'published';
      if (isPublished || after.expression !== before.expression) await checkExpression(trx, after.expression);
      if (before.state === 'published' && after.state === 'inactive') {
        const { dataflows, segments } = await readDependents(trx, this.#options.rules, segmentId);
        const published = segments.filter(({ state }) => state === 'published');
        refuseDependents(before.name, 'taken back', { dataflows, segments: published });
      }
      await writeSegment(trx, { ...after, evaluatedAt: isPublished ? null : before.evaluatedAt });
      if (isPublished) await beginEvaluation(trx, segmentId, this.#options.now());
    });
    return this.get(segmentId);
  }

  /** Deletes a segment that nothing depends on. @throws HeadraceError `not_found`, `conflict` naming what does. */
  async remove(segmentId: string): Promise<SegmentRow> {
    return this.#write(async (trx) => {
      const segment = await this.get(segmentId, trx);
      refuseDependents(segment.name, 'deleted', await readDependents(trx, this.#options.rules, segmentId));
      await beginSegmentDeletion(trx, segmentId, this.#options.now());
      return segment;
    });
  }

  /** Evaluates a published segment over everyone again. @throws HeadraceError `not_found`, `conflict`. */
  async evaluate(segmentId: string): Promise<void> {
    await this.#write(async (trx) => {
      const { name, state } = await this.get(segmentId, trx);
      if (state !== 'published')
        throw new HeadraceError(
          'conflict',
          `The segment ${JSON.stringify(name)} is ${state}; only published ones are evaluated. Publish it.`,
        );
      await beginEvaluation(trx, segmentId, this.#options.now());
    });
  }

  /** What has to go before it can. @throws HeadraceError `not_found`. */
  async dependents(segmentId: string): Promise<Dependents> {
    await this.get(segmentId);
    return readDependents(this.#options.pool, this.#options.rules, segmentId);
  }

  async get(segmentId: string, db: Db = this.#options.pool): Promise<SegmentRow> {
    const segment = await readSegment(db, segmentId);
    if (segment === undefined) throw notFound('segment', segmentId);
    return segment;
  }

  /** What an expression says, in English. @throws HeadraceError `invalid_input` when it is no rule. */
  async describe(expression: string): Promise<string> {
    const { pool } = this.#options;
    const names = await readSegmentNames(pool);
    return compileSegmentRule(expression, await readRuleSchema(pool), undefined, names).describe();
  }

  /** Tries a rule on one profile. @throws HeadraceError `not_found`, `invalid_input`. */
  test(request: { readonly expression: string; readonly profileId: string }): Promise<RuleTest> {
    return testRule(this.#options.pool, request, this.#options.now());
  }

  /** Under the lock, so that every later write of profiles sees the change and every pass the earlier ones. */
  async #write<Result>(work: (trx: Trx) => Promise<Result>): Promise<Result> {
    const result = await transaction(this.#options.pool, async (trx) => {
      await lockProfileWrites(trx);
      return work(trx);
    });
    this.#options.wakePopulationJobs();
    return result;
  }
}

/**
 * A segment may only look at published ones, and only what is not published can be edited: so no circle of segments
 * can be written.
 */
async function checkExpression(trx: Trx, expression: string): Promise<void> {
  const published = await readSegmentNames(trx, 'published');
  compileSegmentRule(expression, await readRuleSchema(trx), undefined, published);
}

async function readSegmentNames(db: Db, only?: SegmentState): Promise<ReadonlyMap<string, string>> {
  const segments = await readSegments(db);
  return new Map(
    segments.flatMap(({ segmentId, name, state }) =>
      only === undefined || state === only ? [[segmentId, name]] : [],
    ),
  );
}

function checkTransition(before: SegmentRow, after: SegmentRow): void {
  if (before.state !== after.state && (after.state === 'draft' || before.state === 'draft'))
    if (after.state !== 'published')
      throw new HeadraceError(
        'conflict',
        before.state === 'draft'
          ? 'A draft is not evaluated, so it cannot be taken back. Publish it, or delete it.'
          : `A segment that was published does not become a draft again. Set its state to "inactive" instead.`,
      );
  if (before.state === 'published' && after.expression !== before.expression)
    throw new HeadraceError(
      'conflict',
      'The expression of a published segment does not change. Set its state to "inactive", edit it, and publish it again, or create another segment.',
    );
}

const nameTaken = (name: string): HeadraceError =>
  new HeadraceError('conflict', `There is a segment ${JSON.stringify(name)} already. Choose another name.`);
