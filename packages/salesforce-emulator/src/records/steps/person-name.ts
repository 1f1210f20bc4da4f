import type { ObjectType } from '../../schema/object-type.ts';
import type { Draft } from '../draft.ts';
import { valueAfter } from '../draft.ts';
import type { RecordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

const isPerson = (object: ObjectType): boolean =>
  object.fieldByName.get('Name')?.extraTypeInfo === 'personname';

/** A person's Name is first and last name together; kept as a column so that it can be searched and sorted. */
export function setPersonName(_context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, values } = draft;
  if (!(values.has('FirstName') || values.has('LastName')) || !isPerson(object)) return none;
  const parts = [valueAfter(draft, 'FirstName'), valueAfter(draft, 'LastName')];
  values.set('Name', parts.filter((part) => part !== null).join(' '));
  return none;
}
