import { HeadraceError } from '@headrace/core';
import { classifyRefusal } from './classify-failure.ts';
import type { ApiCall } from './salesforce-client.ts';

export type Call = (call: ApiCall) => Promise<unknown>;
/** One request that may share an API call with others. */
export type Part = Pick<ApiCall, 'method' | 'path' | 'body'>;
/** What several parts have in common. */
export type PartsFacts = Pick<ApiCall, 'purpose' | 'effect' | 'what' | 'headers'>;
/** `refused` carries what `ApiCall` would have thrown: `destination_outcome_unknown` where the part may have been applied. */
export type PartAnswer =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly error: HeadraceError };

/**
 * Collections and queries one Composite takes. Source: REST API Developer Guide, "Composite": up to 25 subrequests,
 * "up to 5 of these subrequests can be sObject Collections or query operations".
 */
export const maxParts = 5;
/** Of the 16,384 bytes for URI and headers together, about 2 KB are left to the headers with their token. */
const maxPathBytes = 14_000;

/**
 * Makes up to five parts in one API call: the part itself where there is one, else a Composite around them. Each
 * part stands for itself (`allOrNone` false), though all share the governor limits of one transaction.
 * @returns an answer for each part, in order
 * @throws HeadraceError where the whole call failed, as `SalesforceClient.call` does
 */
export async function callTogether(
  parts: readonly Part[],
  facts: PartsFacts,
  call: Call,
): Promise<PartAnswer[]> {
  const [only] = parts;
  if (only === undefined) return [];
  if (parts.length > maxParts)
    throw new HeadraceError('internal', `A Composite holds up to ${maxParts} parts, not ${parts.length}.`);
  if (parts.length === 1 && only.path.length <= maxPathBytes)
    return [{ kind: 'answered', body: await call({ ...only, ...facts }) }];
  const answer = await call({
    method: 'POST',
    path: '/composite',
    bodyOf: (base) => ({
      allOrNone: false,
      // Options of the outer call are not promised to reach the parts, and must not be lost.
      compositeRequest: parts.map((part, index) => ({
        method: part.method,
        url: base + part.path,
        referenceId: referenceOf(index),
        ...(facts.headers !== undefined && { httpHeaders: facts.headers }),
        ...(part.body !== undefined && { body: part.body }),
      })),
    }),
    ...facts,
  });
  return readAnswers(answer, parts, facts);
}

/**
 * Whether a value would be taken for a reference to another part, as `@{p0.id}` is: Salesforce documents no way to
 * write it as text, so what holds it goes by itself.
 */
export const isTakenForReference = (fields: Readonly<Record<string, unknown>>): boolean =>
  Object.values(fields).some((value) => typeof value === 'string' && value.includes('@{'));

const referenceOf = (index: number): string => `p${index}`;

function readAnswers(answer: unknown, parts: readonly Part[], facts: PartsFacts): PartAnswer[] {
  const list = toObject(answer).compositeResponse;
  const entries = Array.isArray(list) ? list.map(toObject) : [];
  const [first] = entries;
  // Recorded from an org: one entry for no part, where the whole was too large to begin.
  if (first !== undefined && first.referenceId === null) {
    const refusal = refusalOf(first, facts);
    return parts.map(() => ({ kind: 'refused', error: refusal }));
  }
  return parts.map((_part, index) => {
    const entry = entries.find(({ referenceId }) => referenceId === referenceOf(index));
    if (entry === undefined || typeof entry.httpStatusCode !== 'number')
      return { kind: 'refused', error: missing(facts) };
    return entry.httpStatusCode < 300
      ? { kind: 'answered', body: entry.body }
      : { kind: 'refused', error: refusalOf(entry, facts) };
  });
}

function refusalOf(entry: Readonly<Record<string, unknown>>, facts: PartsFacts): HeadraceError {
  const status = typeof entry.httpStatusCode === 'number' ? entry.httpStatusCode : 500;
  return classifyRefusal(
    { status, text: JSON.stringify(entry.body ?? null), usage: undefined, retryAfterSeconds: undefined },
    { ...facts, host: 'Composite' },
  );
}

const missing = ({ effect, what }: PartsFacts): HeadraceError =>
  new HeadraceError(
    effect === 'write' ? 'destination_outcome_unknown' : 'destination_unavailable',
    `Salesforce was asked ${what} and left one part of a Composite without an answer.`,
  );

const toObject = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === 'object' && input !== null ? { ...input } : {};
