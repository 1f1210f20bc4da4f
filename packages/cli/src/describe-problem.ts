import { HeadraceError } from '@headrace/core';

/** Expected problems in words; anything else with its trace, as it is a defect to report. */
export const describeProblem = (error: unknown): string => {
  if (!(error instanceof HeadraceError))
    return `unexpected error, please report it.\n${error instanceof Error ? error.stack : String(error)}`;
  const details = error.details.map(({ pointer, message }) =>
    pointer === undefined ? `\n  ${message}` : `\n  ${pointer}: ${message}`,
  );
  return error.message + details.join('');
};
