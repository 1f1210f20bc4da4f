import type { Draft } from '../draft.ts';
import type { RecordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** A record without an owner belongs to whoever creates it. */
export function setAssignedOwner({ userId }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode, values } = draft;
  if (mode === 'create' && object.fieldByName.has('OwnerId') && (values.get('OwnerId') ?? null) === null)
    values.set('OwnerId', userId);
  return none;
}
