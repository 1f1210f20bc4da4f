import { readUserRow } from '../../org/users.ts';
import type { ObjectType } from '../../schema/object-type.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];
const campaignObjects = new Set(['Campaign', 'CampaignMember', 'CampaignMemberStatus']);
const answers = new WeakMap<WriteContext, boolean>();

/** Whether the user has the licence for campaigns: the check box "Marketing User" of the User record. */
function isMarketingUser(context: WriteContext): boolean {
  let answer = answers.get(context);
  if (answer === undefined) {
    answer = readUserRow(context.org, context.userId)?.UserPermissionsMarketingUser === 1;
    answers.set(context, answer);
  }
  return answer;
}

/** Only marketing users write campaigns and their members; everyone reads them. */
export function refuseWithoutMarketing(context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode } = draft;
  if (!campaignObjects.has(object.name) || isMarketingUser(context)) return none;
  return [recordErrors.entityNotWritable(object.label, mode === 'create' ? 'inserted' : 'updated')];
}

/** The same for deleting. */
export function refuseDeleteWithoutMarketing(
  context: WriteContext,
  object: ObjectType,
): readonly RecordError[] {
  if (!campaignObjects.has(object.name) || isMarketingUser(context)) return none;
  return [recordErrors.entityNotWritable(object.label, 'deleted')];
}
