import { clockAt, compileSegmentRule, notFound, type TraceNode } from '@headrace/core';
import type pg from 'pg';
import { readTogether } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { readDocuments } from '../store/profiles.ts';
import { readMemberships } from '../store/segment-memberships.ts';
import { readSegments } from '../store/segments.ts';
import { readRuleEvents } from './rule-events.ts';

export type RuleTest = {
  readonly isMember: boolean;
  readonly evaluatedAt: Date;
  /** The next instant at which the answer could be another by time alone, calendar days aside; null when there is none. */
  readonly holdsUntil: Date | null;
  readonly meaning: string;
  readonly trace: TraceNode;
};

/** How long one statement may take. */
const statementMs = 5_000;
const latestDate = 253_402_214_400_000;

/**
 * Tries a rule on one profile as it is and shows why the answer is what it is.
 * @throws HeadraceError `not_found`, `invalid_input` when the expression is no rule.
 */
export function testRule(
  pool: pg.Pool,
  { expression, profileId }: { readonly expression: string; readonly profileId: string },
  now: Date,
): Promise<RuleTest> {
  return readTogether(pool, statementMs, async (trx) => {
    const known = new Map((await readSegments(trx)).map(({ segmentId, name }) => [segmentId, name]));
    const rule = compileSegmentRule(expression, await readRuleSchema(trx), undefined, known);
    const document = (await readDocuments(trx, [profileId])).get(profileId);
    if (document === undefined) throw notFound('profile', profileId);
    const events = await readRuleEvents(trx, [{ segmentId: '', rule }], [profileId], now);
    const states = (await readMemberships(trx, [profileId])).get(profileId) ?? new Map();
    const segments = new Set<string>();
    for (const [segmentId, { status }] of states) if (status !== 'exited') segments.add(segmentId);
    const subject = { document, events: events.get(profileId) ?? [], segments };
    const clock = clockAt(now);
    const isMember = rule.evaluate(subject, clock);
    return {
      isMember,
      evaluatedAt: now,
      holdsUntil: clock.until <= latestDate ? new Date(clock.until) : null,
      meaning: rule.describe(),
      trace: rule.trace(subject, clockAt(now)),
    };
  });
}
