/** What separates the cells of a CSV file, the likeliest first. */
export const csvDelimiters = [',', ';', '\t', '|'] as const;
export type CsvDelimiter = (typeof csvDelimiters)[number];

/** The delimiter that divides a header line into the most cells, quoted text left aside; a comma when none does. */
export function detectDelimiter(headerLine: string): CsvDelimiter {
  const bare = headerLine.replace(/"(?:[^"]|"")*"/g, '');
  let likeliest: CsvDelimiter = ',';
  let most = 0;
  for (const delimiter of csvDelimiters) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) [likeliest, most] = [delimiter, count];
  }
  return likeliest;
}
