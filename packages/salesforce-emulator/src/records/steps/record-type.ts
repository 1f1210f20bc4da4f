import { findField } from '../../schema/object-type.ts';
import { type Draft, valueAfter } from '../draft.ts';
import { type RecordError, recordError, recordErrors } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** A record that names no type gets the default one; the type decides which values its restricted picklists take. */
export function applyRecordType(_context: WriteContext, draft: Draft): readonly RecordError[] {
  const { object, mode, values } = draft;
  if (object.recordTypes.length === 0) return none;
  const sent = values.get('RecordTypeId') ?? null;
  if (mode === 'create' && sent === null)
    values.set('RecordTypeId', object.recordTypes.find(({ isDefault }) => isDefault)?.id ?? null);
  const id = valueAfter(draft, 'RecordTypeId');
  const type = object.recordTypes.find((candidate) => candidate.id === id);
  if (sent !== null && type?.active !== true) {
    const message = `Record Type ID: this ID value isn't valid for the user: ${sent}`;
    return [recordError('INVALID_CROSS_REFERENCE_KEY', message, ['RecordTypeId'])];
  }
  const errors: RecordError[] = [];
  for (const [name, allowed] of type?.picklists ?? []) {
    const value = values.get(name) ?? null;
    const field = findField(object, name);
    if (value === null || field === undefined || !field.restrictedPicklist) continue;
    const bad = String(value)
      .split(';')
      .find((choice) => !allowed.includes(choice));
    if (bad !== undefined) errors.push(recordErrors.badChoice(field.label, field.name, bad));
  }
  return errors.length === 0 ? none : errors;
}
