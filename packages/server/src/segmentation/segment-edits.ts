import { randomUUID } from 'node:crypto';
import { findCircle, groupEdits, positionOfSegment, redirectSegments, ruleError } from '@headrace/core';
import type { Trx } from '../store/database.ts';
import { insertPopulationJob, supersedePopulationJobs } from '../store/population-jobs.ts';
import { insertSuccessor, readSuccessors, type SuccessorRow } from '../store/segment-edits.ts';
import { beginSegmentDeletion } from './delete-segment.ts';
import type { SegmentRules, SegmentWithRule } from './segment-rules.ts';

export const editSegmentKind = 'edit_segment';

/**
 * Brings what is being evaluated beside published segments in line with what is being edited, in the transaction of
 * whatever changed segments. Segments that are edited together, or look at one that is, get successors, and one job
 * that evaluates those over everyone; a group that is as it was goes on where it is, any other starts anew.
 */
export async function planEdits(trx: Trx, rules: SegmentRules, now: Date): Promise<void> {
  const published = (await rules.readAll(trx)).filter(({ state }) => state === 'published');
  const byId = new Map(published.map((segment) => [segment.segmentId, segment]));
  const groups = groupEdits(
    published.map(({ segmentId, rule, editedRule }) => ({
      segmentId,
      reads: rule.reads.segments,
      editedReads: editedRule?.reads.segments,
    })),
  ).map((ids) => ids.flatMap((id) => byId.get(id) ?? []));

  const wanted = new Map(groups.map((group) => [keyOf(group.map(sourceOf)), group]));
  for (const successors of Map.groupBy(await readSuccessors(trx), ({ editJobId }) => editJobId).values())
    if (!wanted.delete(keyOf(successors))) await endGroup(trx, successors, now);
  for (const group of wanted.values()) await beginGroup(trx, group, now);
}

/** What a segment is evaluated by when it has been edited. */
export const ruleToBe = ({ rule, editedRule }: SegmentWithRule) => editedRule ?? rule;

type Source = Pick<SuccessorRow, 'succeeds' | 'source'>;
const sourceOf = (segment: SegmentWithRule): Source => ({
  succeeds: segment.segmentId,
  source: ruleToBe(segment).text,
});
const keyOf = (group: readonly Source[]): string =>
  JSON.stringify(group.map(({ succeeds, source }) => [succeeds, source]).sort());

async function beginGroup(trx: Trx, group: readonly SegmentWithRule[], now: Date): Promise<void> {
  const edited = group.find(({ editedRule }) => editedRule !== undefined);
  if (edited === undefined) return;
  const editJobId = randomUUID();
  const successorOf = new Map(group.map(({ segmentId }) => [segmentId, randomUUID()]));
  for (const segment of group) {
    const segmentId = successorOf.get(segment.segmentId) ?? '';
    const expression = redirectSegments(ruleToBe(segment), successorOf);
    await insertSuccessor(trx, { segmentId, editJobId, ...sourceOf(segment) }, expression, now);
  }
  await insertPopulationJob(trx, {
    populationJobId: editJobId,
    kind: editSegmentKind,
    subjectId: edited.segmentId,
    facts: {},
    createdAt: now,
  });
}

async function endGroup(trx: Trx, successors: readonly SuccessorRow[], now: Date): Promise<void> {
  for (const { segmentId, succeeds } of successors) {
    await supersedePopulationJobs(trx, editSegmentKind, now, succeeds);
    await beginSegmentDeletion(trx, segmentId, now);
  }
}

/** @throws HeadraceError `invalid_input` with the way round when a rule to be looks at its own segment. */
export async function refuseCircle(trx: Trx, rules: SegmentRules, segmentId: string): Promise<void> {
  const published = (await rules.readAll(trx)).filter(({ state }) => state === 'published');
  const readsOf = new Map(published.map((segment) => [segment.segmentId, ruleToBe(segment).reads.segments]));
  const circle = findCircle(readsOf, segmentId);
  const segment = published.find((one) => one.segmentId === segmentId);
  if (circle === undefined || segment === undefined) return;
  const rule = ruleToBe(segment);
  const nameOf = new Map(published.map((one) => [one.segmentId, JSON.stringify(one.name)]));
  const way = circle.map((id) => nameOf.get(id) ?? id).join(' looks at ');
  const offset = positionOfSegment(rule, circle[1] ?? '') ?? 0;
  const message = `found a circle: ${way}; expected segments that do not look at this one`;
  throw ruleError(rule.text, [{ offset, message }], '/expression');
}
