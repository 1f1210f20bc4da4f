import Table from 'cli-table3';

/** A column of a table; numbers stand to the right. */
export type Column = { readonly title: string; readonly align?: 'left' | 'right'; readonly width?: number };

/** A table with lines around its cells and no colours. Cells of a column with a width are wrapped at words. */
export const renderTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const table = new Table({
    head: columns.map(({ title }) => title),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: columns.map(({ width }) => width ?? null),
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
};
