import { randomUUID } from 'node:crypto';
import { compileSegmentRule, HeadraceError, invalidInput, notFound } from '@headrace/core';
import type pg from 'pg';
import { type Db, readTogether, type Trx, transaction } from '../store/database.ts';
import { type CheckedDataflow, remarkNaming } from '../store/dataflow-revisions.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { lockProfileWrites } from '../store/locks.ts';
import { type PopulationJobRow, readPopulationJob, readPopulationJobs } from '../store/population-jobs.ts';
import { readEditJobId } from '../store/segment-edits.ts';
import { countMemberships, type MembershipStatus } from '../store/segment-memberships.ts';
import {
  insertSegment,
  readSegment,
  readSegmentNames,
  readSegments,
  type SegmentRow,
  writeSegment,
} from '../store/segments.ts';
import { beginSegmentDeletion } from './delete-segment.ts';
import { beginEvaluation, evaluateSegmentKind } from './evaluate-population.ts';
import { examineRule, type RuleFacts } from './examine-rule.ts';
import { type Dependents, readDependents, refuseDependents } from './segment-dependents.ts';
import { planEdits, refuseCircle } from './segment-edits.ts';
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

export type SegmentView = {
  readonly segment: SegmentRow;
  /** In English. */
  readonly meaning: string;
  readonly counts: Readonly<Record<MembershipStatus, number>>;
  /** The last one over everyone. */
  readonly evaluation: PopulationJobRow | undefined;
  /** What its edited rule means, and the evaluation by which that takes force. */
  readonly edit: { readonly meaning: string; readonly job: PopulationJobRow } | undefined;
};

/** How long one statement of a view may take. */
const statementMs = 10_000;

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
    const { rules, now } = this.#options;
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
      // It may look at one that is being edited.
      await planEdits(trx, rules, at);
    });
    return this.get(segmentId);
  }

  /**
   * Changes a segment. Publishing evaluates it over everyone; one that is taken back keeps its memberships as they are.
   * The rule of a published one goes on until everyone has been evaluated by the edited one, which then takes its place
   * at once; an edit before that replaces the edit. Dataflows that name it by its name have everyone marked due for another.
   * @param checked those whose destinations can be told the other name, see `untilUnchanged`
   * @throws HeadraceError `not_found`, `invalid_input` as `create` and when segments would look at one another in a
   *   circle, `conflict` when the name is taken or others depend on one that is taken back.
   */
  async change(
    segmentId: string,
    change: SegmentChange,
    checked: readonly CheckedDataflow[] = [],
  ): Promise<SegmentRow> {
    const { rules, now } = this.#options;
    await this.#write(async (trx) => {
      const before = await this.get(segmentId, trx);
      const after = changed(before, change);
      const named = (await readSegments(trx)).find(({ name }) => name === after.name);
      if (named !== undefined && named.segmentId !== segmentId) throw nameTaken(after.name);
      checkTransition(before, after);
      const isPublished = before.state !== 'published' && after.state === 'published';
      if (isPublished || change.expression !== undefined) await checkExpression(trx, expressionToBe(after));
      if (before.state === 'published' && after.state === 'inactive') {
        const { dataflows, segments } = await readDependents(trx, rules, segmentId);
        const published = segments.filter(({ state }) => state === 'published');
        refuseDependents(before.name, 'taken back', { dataflows, segments: published });
      }
      const at = now();
      const evaluatedAt = isPublished ? null : before.evaluatedAt;
      await writeSegment(trx, { ...after, evaluatedAt }, isPublished ? at : null);
      if (after.name !== before.name) await remarkNaming(trx, segmentId, checked);
      await refuseCircle(trx, rules, segmentId);
      if (isPublished) await beginEvaluation(trx, segmentId, at);
      await planEdits(trx, rules, at);
    });
    return this.get(segmentId);
  }

  /** Deletes a segment that nothing depends on. @throws HeadraceError `not_found`, `conflict` naming what does. */
  async remove(segmentId: string): Promise<SegmentRow> {
    return this.#write(async (trx) => {
      const segment = await this.get(segmentId, trx);
      refuseDependents(segment.name, 'deleted', await readDependents(trx, this.#options.rules, segmentId));
      await beginSegmentDeletion(trx, segmentId, this.#options.now());
      await planEdits(trx, this.#options.rules, this.#options.now());
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

  /** A segment with what is known of it, all of one moment. @throws HeadraceError `not_found`. */
  view(segmentId: string): Promise<SegmentView> {
    const { pool, now } = this.#options;
    return readTogether(pool, statementMs, async (trx) => {
      const segment = await this.get(segmentId, trx);
      const meaningOf = async (expression: string) => (await examineRule(trx, expression, now())).meaning;
      const successor = await readEditJobId(trx, segmentId);
      const editJob = successor && (await readPopulationJob(trx, successor.editJobId));
      const jobs = await readPopulationJobs(trx, segmentId);
      const edited = segment.editedExpression;
      return {
        segment,
        meaning: await meaningOf(segment.expression),
        counts: await countMemberships(trx, segmentId),
        evaluation: jobs.find(({ kind }) => kind === evaluateSegmentKind),
        edit: editJob && edited !== null ? { meaning: await meaningOf(edited), job: editJob } : undefined,
      };
    });
  }

  /** What an expression says and takes. @throws HeadraceError `invalid_input` when it is no rule. */
  examine(expression: string): Promise<RuleFacts> {
    return examineRule(this.#options.pool, expression, this.#options.now());
  }

  /**
   * Tries a rule on one profile.
   * @param request.now the present when left out.
   * @throws HeadraceError `not_found`, `invalid_input`.
   */
  test(request: {
    readonly expression: string;
    readonly profileId: string;
    readonly now?: Date;
  }): Promise<RuleTest> {
    return testRule(this.#options.pool, request, request.now ?? this.#options.now());
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

/** A segment may only look at published ones. */
async function checkExpression(trx: Trx, expression: string): Promise<void> {
  const published = await readSegmentNames(trx, 'published');
  compileSegmentRule(expression, await readRuleSchema(trx), undefined, published);
}

/** A segment as a change makes it. Whoever takes back one that is being edited keeps the edit. */
function changed(before: SegmentRow, change: SegmentChange): SegmentRow {
  const state = change.state ?? before.state;
  const expression = change.expression ?? expressionToBe(before);
  const isEdited = before.state === 'published' && state === 'published' && expression !== before.expression;
  return {
    ...before,
    name: (change.name ?? before.name).trim(),
    description: change.description ?? before.description,
    state,
    expression: isEdited ? before.expression : expression,
    editedExpression: isEdited ? expression : null,
  };
}

const expressionToBe = ({ expression, editedExpression }: SegmentRow): string =>
  editedExpression ?? expression;

function checkTransition(before: SegmentRow, after: SegmentRow): void {
  if (before.state === after.state || after.state === 'published') return;
  if (before.state === 'draft')
    throw new HeadraceError(
      'conflict',
      'A draft is not evaluated, so it cannot be taken back. Publish it, or delete it.',
    );
  if (after.state === 'draft')
    throw new HeadraceError(
      'conflict',
      'A segment that was published does not become a draft again. Set its state to "inactive" instead.',
    );
}

const nameTaken = (name: string): HeadraceError =>
  new HeadraceError('conflict', `There is a segment ${JSON.stringify(name)} already. Choose another name.`);
