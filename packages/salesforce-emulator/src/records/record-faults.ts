import { ApiError } from '../errors/api-error.ts';
import type { Faults, RecordStrike } from '../faults/fault-state.ts';
import { namedRecordErrors } from '../faults/named-errors.ts';
import { ownValue } from '../json.ts';
import { normalizeId } from '../org/record-id.ts';
import { type RecordError, recordError, recordErrors } from './record-error.ts';
import type { RecordWrite } from './write-record.ts';

/**
 * The writes of one save with those refused that a fault strikes. Counts the records for the governor limits,
 * which all saves of a call share. Throws an ApiError when the limit is ordered to end the whole call.
 */
export function strikeWrites(faults: Faults, writes: readonly RecordWrite[]): readonly RecordWrite[] {
  const { call } = faults;
  if (call !== undefined) call.savedRecords += writes.length;
  const strikes = faults.strikeSave(() => new Set(writes.map(objectOf)));
  if (strikes.length === 0) return writes;
  const records = call?.savedRecords ?? writes.length;
  return writes.map((write, index) => {
    if (write.kind === 'refused') return write;
    for (const strike of strikes) {
      const error = strikeOne(strike, write, index, records, call !== undefined);
      if (error !== undefined) return { kind: 'refused', error };
    }
    return write;
  });
}

const objectOf = (write: RecordWrite): string =>
  write.kind === 'refused' ? '' : write.object.name.toLowerCase();

function strikeOne(
  { fault, match, chance }: RecordStrike,
  write: Exclude<RecordWrite, { kind: 'refused' }>,
  index: number,
  records: number,
  isCall: boolean,
): RecordError | undefined {
  const { object, operation } = match;
  if (object !== undefined && object.toLowerCase() !== objectOf(write)) return undefined;
  if (operation !== undefined && operation !== write.kind) return undefined;
  if (fault.kind === 'governor') {
    if (records <= fault.above) return undefined;
    const message = `${write.object.name}Trigger: System.LimitException: ${fault.message}`;
    if (fault.scope === 'call' && isCall)
      throw new ApiError(400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message);
    return recordError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message);
  }
  if (fault.positions !== undefined && !fault.positions.includes(index)) return undefined;
  if (fault.share !== undefined && chance() >= fault.share) return undefined;
  if (fault.error_code === 'UNABLE_TO_LOCK_ROW' && fault.message === undefined)
    return recordErrors.lockedRow(contendedId(write));
  const message = fault.message ?? namedRecordErrors[fault.error_code] ?? 'Refused by order of the emulator.';
  return recordError(fault.error_code, message, fault.fields);
}

/** The record others might hold: the parent where the write names one, else the record itself. */
function contendedId(write: Exclude<RecordWrite, { kind: 'refused' }>): string | undefined {
  if (write.kind === 'delete') return normalizeId(write.id);
  for (const name of ['AccountId', 'CampaignId']) {
    const parent = ownValue(write.fields, name);
    if (typeof parent === 'string') return normalizeId(parent);
  }
  return write.kind === 'update' ? normalizeId(write.id) : undefined;
}
