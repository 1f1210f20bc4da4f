import type { SupersededRecord } from '../../store/match-claims.ts';

/** What a person is told of the records that a profile goes on without. */
export const toSupersededWire = (records: readonly SupersededRecord[]) => ({
  superseded_record_ids: records.map(({ recordId }) => recordId),
  superseded_records: records.map(({ recordId, status, code, message }) => ({
    record_id: recordId,
    exit: exitOf(status, code),
    ...(code === 'record_superseded' ? { code: null, message: null } : { code, message }),
  })),
});

function exitOf(
  status: SupersededRecord['status'],
  code: string | null,
): 'pending' | 'done' | 'failed' | null {
  // Without a code somebody was kept in it when it was looked at.
  if (status !== 'exited') return status;
  return code === null ? null : code === 'record_superseded' ? 'done' : 'failed';
}
