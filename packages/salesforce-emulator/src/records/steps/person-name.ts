import type { Draft } from '../draft.ts';
import { valueAfter } from '../draft.ts';
import type { RecordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** A person's Name is first and last name together; kept as a column so that it can be searched and sorted. */
export function setPersonName(_context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, values } = draft;
  if (!(values.has('FirstName') || values.has('LastName')) || !object.fieldByName.has('FirstName'))
    return none;
  const parts = [valueAfter(draft, 'FirstName'), valueAfter(draft, 'LastName')];
  values.set('Name', parts.filter((part) => part !== null).join(' '));
  return none;
}
