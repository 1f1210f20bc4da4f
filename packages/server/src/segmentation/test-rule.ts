import { clockAt, compileSegmentRule, notFound, type TraceNode } from '@headrace/core';
import type pg from 'pg';
import { readTogether } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';
import { waitFor } from '../store/evaluation-due.ts';
import { readDocuments } from '../store/profiles.ts';
import { membersIn, readMemberships } from '../store/segment-memberships.ts';
import { readSegmentNames } from '../store/segments.ts';
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
    const known = await readSegmentNames(trx);
    const rule = compileSegmentRule(expression, await readRuleSchema(trx), undefined, known);
    const document = (await readDocuments(trx, [profileId])).get(profileId);
    if (document === undefined) throw notFound('profile', profileId);
    const events = await readRuleEvents(trx, [{ segmentId: '', rule }], [profileId], now);
    const segments = membersIn((await readMemberships(trx, [profileId])).get(profileId));
    const subject = { document, events: events.get(profileId) ?? [], segments };
    const clock = clockAt(now);
    const isMember = rule.evaluate(subject, clock);
    return {
      isMember,
      evaluatedAt: now,
      holdsUntil: waitFor(clock.until) ?? null,
      meaning: rule.describe(),
      trace: rule.trace(subject, clockAt(now)),
    };
  });
}
