/**
 * Parameters that are long arrays, as literals. The driver's own way quotes every element by two regular expressions,
 * which for the rows of a file costs more than merging them.
 */

/** Of ids, numbers, instants and words: what needs no quotes. */
export const bareArray = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'null').join()}}`;

/** Of any texts. */
export const textArray = (values: readonly string[]): string => `{${values.map(quote).join()}}`;

const quote = (text: string): string =>
  /["\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`;

/**
 * Of JSON values, one a line: for `string_to_array($n, E'\n')`, which takes them as they are. JSON text holds no line
 * feed.
 */
export const jsonLines = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join('\n');

/** Milliseconds since the epoch as instants. */
export const instantArray = (stampsMs: readonly number[]): string =>
  `{${stampsMs.map((stampMs) => new Date(stampMs).toISOString()).join()}}`;
