import { recordNumberOf } from '../../org/record-id.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/**
 * A new owner is an active user, or a queue for records of this kind. A record keeps an owner who has become
 * inactive. A Lead given to somebody else is unread by its owner.
 */
export function checkOwner({ org, userId }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode, values } = draft;
  const ownerId = values.get('OwnerId');
  if (typeof ownerId !== 'string' || ownerId === userId) return none;
  if (mode === 'update' && draft.before()?.OwnerId === ownerId) return none;
  if (mode === 'create' && object.name === 'Lead') values.set('IsUnreadByOwner', 1);
  if (ownerId.startsWith('00G')) {
    const sql = 'select 1 from QueueSobject where QueueId = ? and SobjectType = ?';
    if (org.database.prepare(sql).get(ownerId, object.name) !== undefined) return none;
    return [recordError('INVALID_OPERATION', 'Queue not associated with this SObject type', ['OwnerId'])];
  }
  const user = org.database
    .prepare('select IsActive from User where rid = ?')
    .get(recordNumberOf(ownerId) ?? 0);
  if (user?.IsActive === 1) return none;
  const message = `operation performed with inactive user [${ownerId.slice(0, 15)}] as owner of ${object.label.toLowerCase()}`;
  return [recordError('INACTIVE_OWNER_OR_USER', message, ['OwnerId'])];
}
