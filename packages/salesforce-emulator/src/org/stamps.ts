import type { StoredValue } from '../schema/field.ts';

/** Salesforce shows audit fields without milliseconds. */
export const wholeSecond = (instant: number): number => Math.floor(instant / 1000) * 1000;

/** Who changed a record and when; `instant` in epoch milliseconds. */
export const modificationStamps = (
  userId: string,
  instant: number,
): readonly (readonly [string, StoredValue])[] => [
  ['LastModifiedDate', instant],
  ['LastModifiedById', userId],
  ['SystemModstamp', instant],
];
