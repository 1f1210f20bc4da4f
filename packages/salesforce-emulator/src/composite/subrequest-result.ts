import type { Answer } from '../http/route.ts';
import { isJsonObject } from '../json.ts';
import { referenceIdRule, type Subrequest } from './subrequest.ts';

/** What became of one subrequest, as Composite and Graph list it. `referenceId` is null for the whole call. */
export interface SubrequestResult {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string | null;
}

type Named = Pick<Subrequest, 'referenceId'>;

export const resultOf = (answer: Answer, { referenceId }: Named): SubrequestResult => ({
  body: answer.body ?? null,
  httpHeaders: answer.headers ?? {},
  httpStatusCode: answer.status,
  referenceId,
});

const refused = (errorCode: string, message: string, referenceId: string | null): SubrequestResult => ({
  body: [{ errorCode, message }],
  httpHeaders: {},
  httpStatusCode: 400,
  referenceId,
});

/** A subrequest undone, or never begun, because another one of its transaction failed. */
export const rolledBack = ({ referenceId }: Named): SubrequestResult =>
  refused(
    'PROCESSING_HALTED',
    'The transaction was rolled back since another operation in the same transaction failed.',
    referenceId,
  );

/** A subrequest whose reference has no value: the one it depends on failed, or has no such field. */
export const unresolved = ({ referenceId }: Named, missing: string): SubrequestResult =>
  refused(
    'PROCESSING_HALTED',
    `Invalid reference specified. No value for ${missing} found in ${/^[^.[]*/.exec(missing)?.[0]}. ${referenceIdRule(missing)}`,
    referenceId,
  );

/** A call too large to begin: one result that belongs to no subrequest (recorded from an org). */
export const limitExceeded = (message: string): SubrequestResult => refused('LIMIT_EXCEEDED', message, null);

/** Whether a subrequest failed; a collection also by one of its records, although it answers 200. */
export function isFailure({ httpStatusCode, body }: SubrequestResult, isWriteOfMany: boolean): boolean {
  if (httpStatusCode >= 300 && httpStatusCode !== 304) return true;
  return (
    isWriteOfMany && Array.isArray(body) && body.some((item) => isJsonObject(item) && item.success === false)
  );
}
