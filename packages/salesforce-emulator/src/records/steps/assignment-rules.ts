import { assigneeId, chosenRule } from '../../rules/assignment-rules.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
const assigned = 'Lead';

/**
 * Gives a Lead to whom the assignment rule says, whoever the caller named; new or changed, since Salesforce's
 * REST API runs the active rule on both unless `Sforce-Auto-Assign: FALSE` is sent.
 */
export function applyAssignmentRule(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, values } = draft;
  if (object.name !== assigned || context.options.assignmentRule === 'none') return none;
  if (context.options.assignmentRule === 'active' && context.org.definition.assignmentRules.length === 0)
    return none;
  const rule = chosenRule(context);
  if (rule === 'unknown') return [recordErrors.badReference()];
  const entry = rule?.entries.find(({ fits }) => fits(context, draft));
  const ownerId = entry === undefined ? undefined : assigneeId(context.org, entry.assignTo);
  if (ownerId === undefined || draft.before()?.OwnerId === ownerId) return none;
  values.set('OwnerId', ownerId);
  if (ownerId !== context.userId) values.set('IsUnreadByOwner', 1);
  return none;
}
