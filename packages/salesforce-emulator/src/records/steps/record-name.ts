import { createRecordId } from '../../org/record-id.ts';
import type { Draft } from '../draft.ts';
import type { RecordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** A custom object's record without a name is called by its id. */
export function setRecordName({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode, values } = draft;
  if (!object.name.endsWith('__c') || (values.get('Name') ?? null) !== null) return none;
  if (mode === 'update' && !values.has('Name')) return none;
  const rid = draft.rid ?? org.nextNumbers.get(object.name) ?? 1;
  values.set('Name', createRecordId(object.keyPrefix, rid));
  return none;
}
