import { namedRecordErrors } from '../../faults/named-errors.ts';
import { countStored } from '../../org/count-stored.ts';
import type { Draft } from '../draft.ts';
import { type RecordError, recordError } from '../record-error.ts';
import type { WriteContext } from '../write-context.ts';

const none: readonly RecordError[] = [];

/** Refuses a new record in an org that is ordered to be full. */
export function refuseWhenFull({ org }: WriteContext, draft: Draft): readonly RecordError[] {
  const most = org.faults.order().storage.max_records;
  if (most === undefined || draft.mode !== 'create') return none;
  if (countStored(org) < most) return none;
  return [recordError('STORAGE_LIMIT_EXCEEDED', namedRecordErrors.STORAGE_LIMIT_EXCEEDED ?? '')];
}
