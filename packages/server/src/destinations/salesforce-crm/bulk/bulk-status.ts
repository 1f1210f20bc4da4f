import { type BulkStatus, type ErrorCode, HeadraceError } from '@headrace/core';

/**
 * How a job stands, from its JSON; null where Salesforce knows none. Jobs are deleted after seven days.
 * @throws HeadraceError `destination_unavailable` for what is no job
 */
export function readStatus(answer: unknown): BulkStatus {
  if (answer === null) return { kind: 'gone' };
  const job: Readonly<Record<string, unknown>> = typeof answer === 'object' ? { ...answer } : {};
  switch (job.state) {
    case 'Open':
      return { kind: 'open' };
    case 'UploadComplete':
    case 'InProgress':
      return { kind: 'working' };
    case 'JobComplete':
    case 'Failed':
    case 'Aborted':
      return {
        kind: 'ended',
        processed: toCount(job.numberRecordsProcessed),
        failed: toCount(job.numberRecordsFailed),
        error: job.state === 'JobComplete' ? null : errorOf(job.state, job.errorMessage),
      };
    default:
      throw new HeadraceError(
        'destination_unavailable',
        'Salesforce was asked for a Bulk job and answered something else.',
      );
  }
}

const toCount = (value: unknown): number => (typeof value === 'number' ? value : 0);

type Meaning = readonly [pattern: RegExp, code: ErrorCode, explanation: string];
/** Why whole jobs fail. Source: Bulk API 2.0 Developer Guide, "Errors". */
const meanings: readonly Meaning[] = [
  [
    /^InvalidBatch : Field name not found/,
    'destination_misconfigured',
    'The org has no such field, or hides it from the user: check its field-level security, and the mapping.',
  ],
  [/^ExceededQuota/, 'destination_rate_limited', 'The org takes no more Bulk jobs for now.'],
  [
    /^TooManyLockFailure/,
    'destination_unavailable',
    'Others were writing the same records or their parents.',
  ],
  [/^Timeout/, 'destination_unavailable', 'The org took too long.'],
];

function errorOf(state: 'Failed' | 'Aborted', message: unknown): HeadraceError {
  if (state === 'Aborted') return new HeadraceError('destination_unavailable', 'The Bulk job was aborted.');
  const text = typeof message === 'string' ? message : '';
  const found = meanings.find(([pattern]) => pattern.test(text));
  const [, code, explanation] = found ?? [
    undefined,
    'destination_unavailable',
    'It gave no reason known here.',
  ];
  // Of the text only what cannot be a value: the class of the error and the name of a field.
  const [, kind = 'Failed'] = /^([A-Za-z]{1,40}) ?:/.exec(text) ?? [];
  const [, field] = /Field name not found : ([A-Za-z][\w.]{0,79})/.exec(text) ?? [];
  const where = field === undefined ? '' : `, field ${field}`;
  return new HeadraceError(code, `Salesforce failed a Bulk job (${kind}${where}). ${explanation}`);
}
