import type { ApiCall } from '../salesforce-client.ts';

/** A JSON object that Salesforce answered; empty for anything else. */
export type Answer = Readonly<Record<string, unknown>>;
export const toAnswer = (value: unknown): Answer =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** Records of a query's answer. */
export const recordsOf = (answer: unknown): readonly Answer[] => {
  const { records } = toAnswer(answer);
  return Array.isArray(records) ? records.map(toAnswer) : [];
};

/** A call of the connection test. @param what completes "Salesforce was asked …" */
export const ask = (path: string, what: string): ApiCall => ({
  method: 'GET',
  path,
  purpose: 'test',
  effect: 'read',
  what,
});
