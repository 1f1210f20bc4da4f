import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCsvRows, splitCells } from './csv-rows.ts';
import { readLines } from './lines.ts';

async function* inChunks(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const rowsOf = async (text: string, size = 65_536) => {
  const rows: (readonly string[] | string)[] = [];
  for await (const group of readCsvRows(readLines(inChunks(text, size), 0), ',', 2))
    rows.push(...group.map((row) => ('value' in row ? row.value : row.error)));
  return rows;
};

test('promise 11: a broken row costs itself alone', async () => {
  const rows = await rowsOf('id,a\n1,x\n2,"two"x\n3,y\n4,"open\n5,z\n6,"fine, quoted"\n7,"a ""b"""\n');
  expect(rows).toEqual([
    ['id', 'a'],
    ['1', 'x'],
    expect.stringContaining('in the middle of a cell'),
    ['3', 'y'],
    expect.stringContaining('opened and not closed'),
    ['5', 'z'],
    ['6', 'fine, quoted'],
    ['7', 'a "b"'],
  ]);
});

test('cells over several lines, CRLF, a byte order mark, blank lines and a missing last line feed', async () => {
  expect(await rowsOf('\uFEFFid,a\r\n1,"x\r\ny"\r\n\r\n2,z')).toEqual([
    ['id', 'a'],
    ['1', 'x\ny'],
    ['2', 'z'],
  ]);
  expect(await rowsOf('')).toEqual([]);
});

test('a row without end is refused in bounded memory, and reading goes on', async () => {
  const rows = await rowsOf(`id,a\n1,${'x'.repeat(3_000_000)}\n2,y\n`);
  expect(rows).toEqual([['id', 'a'], expect.stringContaining('longer than 1 MB'), ['2', 'y']]);
});

test('only a quote that opens a cell counts, whatever divides the cells', () => {
  expect(splitCells('a;"b;""c""";;d', ';')).toEqual(['a', 'b;"c"', '', 'd']);
  expect(splitCells('"a"\t""', '\t')).toEqual(['a', '']);
  for (const broken of ['a,b"c"', '"a"b,c', '"a', 'a,"b""', ' "a"'])
    expect(splitCells(broken, ',')).toBeUndefined();
});

test('a row ends where its offset says: reading on from there gives the rows behind it', async () => {
  const text = '\uFEFFid,a\r\n1,"é\r\n雪"\r\n\r\n2,y\n3,z';
  const bytes = Buffer.from(text);
  const all = (await Array.fromAsync(readCsvRows(readLines(inChunks(text, 7), 0), ',', 2))).flat();
  for (const [index, { end }] of all.entries()) {
    const behind = inChunks(bytes.subarray(end).toString(), 5);
    const rest = (await Array.fromAsync(readCsvRows(readLines(behind, end), ',', 2))).flat();
    expect(rest).toEqual(all.slice(index + 1));
  }
});

test('whatever the chunks, rows come back as they were written', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', '雪', ' '), maxLength: 6 });
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (written, size) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = written.map((row) => `${row.map(quote).join(',')}\n`).join('');
      expect(await rowsOf(text, size)).toEqual(written);
    }),
  );
});
