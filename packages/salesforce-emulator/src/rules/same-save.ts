import type { WriteContext } from '../records/write-context.ts';

const firstNumbers = new WeakMap<WriteContext, Map<string, number>>();

/** Begins what Salesforce saves at once: the records of a call, or up to 200 rows of a bulk job. */
export const beginSameSave = (context: WriteContext): void => {
  firstNumbers.delete(context);
};

/**
 * Whether a record was created by the save that goes on. "If you're saving multiple records at the same time,
 * records within the same save aren't compared to each other" (Salesforce Help, duplicate rules). Ask before the
 * save creates its first record of the object.
 */
export function isOfThisSave(context: WriteContext, objectName: string): (rid: number) => boolean {
  let numbers = firstNumbers.get(context);
  if (numbers === undefined) {
    numbers = new Map();
    firstNumbers.set(context, numbers);
  }
  let first = numbers.get(objectName);
  if (first === undefined) {
    first = context.org.nextNumbers.get(objectName) ?? 1;
    numbers.set(objectName, first);
  }
  const from = first;
  return (rid) => rid >= from;
}
