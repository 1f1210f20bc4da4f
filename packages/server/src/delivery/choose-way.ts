/** The least records for which jobs are used. */
export type BulkFrom = {
  /** Where calls are scarce. Salesforce itself advises jobs from 2,000 records on. */
  readonly scarce: number;
  /** However many calls there are. */
  readonly always: number;
};
export const bulkFrom: BulkFrom = { scarce: 2_000, always: 50_000 };

/** Opening, upload, closing, a few looks, as many as three files of results: what a job costs however large it is, at most. */
const callsOfJob = 12;
/** Calls are scarce for a backlog that would take more of what is left than this. */
const scarceShare = 0.05;

/**
 * Whether a backlog is written record by record or as jobs. A record by itself is there at once; a job takes minutes,
 * and a handful of calls.
 * @param backlog.due records that could go either way; counted to `from.always` at most
 * @param backlog.callsLeft of the budget; infinite where nobody counts them
 * @param backlog.recordsPerCall of a direct write
 */
export function chooseWay(
  backlog: {
    readonly due: number;
    readonly callsLeft: number;
    readonly recordsPerCall: number;
  },
  from: BulkFrom = bulkFrom,
): 'direct' | 'bulk' {
  const { due, callsLeft, recordsPerCall } = backlog;
  if (due < from.scarce || callsLeft < callsOfJob) return 'direct';
  if (due >= from.always) return 'bulk';
  const directCalls = Math.ceil(due / recordsPerCall);
  return directCalls > callsOfJob && directCalls > callsLeft * scarceShare ? 'bulk' : 'direct';
}
