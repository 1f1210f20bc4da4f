import { invalidInput } from '@headrace/core';

/** A place in a list in order of time: an instant, and a number that tells rows of one instant apart. */
export type TimePlace = { readonly at: Date; readonly id: number };

export const writeTimePlace = ({ at, id }: TimePlace): string => `${at.getTime()}-${id}`;

/** @throws HeadraceError `invalid_input` for what `writeTimePlace` did not write. */
export function readTimePlace(text: string | undefined): TimePlace | undefined {
  if (text === undefined) return undefined;
  const [, ms, id] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  if (ms !== undefined && id !== undefined) return { at: new Date(Number(ms)), id: Number(id) };
  throw invalidInput('There is no such place in the list. Pass `next_after` of the page before as it is.', [
    { pointer: '/after', message: 'Expected what the page before gave.' },
  ]);
}
