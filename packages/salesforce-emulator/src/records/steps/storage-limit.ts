import { namedRecordErrors } from '../../faults/named-errors.ts';
import { countRecords } from '../../store/record-table.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** Refuses a new record in an org that is ordered to be full. */
export function refuseWhenFull({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const most = org.faults.order().storage.max_records;
  if (most === undefined || draft.mode !== 'create') return none;
  let records = 0;
  for (const object of org.catalog.values())
    if (object.createable) records += countRecords(org.database, object);
  if (records < most) return none;
  return [recordError('STORAGE_LIMIT_EXCEEDED', namedRecordErrors.STORAGE_LIMIT_EXCEEDED ?? '')];
}
