import { describe, expect, test } from 'vitest';
import { detectDelimiter } from './csv-delimiter.ts';
import { compileCellFormat } from './csv-format.ts';
import { compileCsvMapping } from './csv-mapping.ts';
import { bindCsvHeader, mapRow } from './csv-row.ts';
import { boolean, date, dateTime, integer, number, object, text } from './field-builders.ts';

const [day, instant, amount, count] = [date('Day'), dateTime('Instant'), number('Amount'), integer('Count')];
const read = (format: string, field: Parameters<typeof compileCellFormat>[1], cell: string) => {
  const result = compileCellFormat(format, field)?.(cell);
  return result?.ok === true ? result.value : result?.keyword;
};

describe('cells written otherwise', () => {
  test.each([
    ['MM/DD/YYYY', day, '12/31/1980', '1980-12-31'],
    ['M/D/YYYY', day, '2/9/1980', '1980-02-09'],
    ['DD.MM.YYYY', day, '31.12.1980', '1980-12-31'],
    ['DD.MM.YYYY', day, '31x12x1980', 'format'],
    ['YYYYMMDD', day, '19801231', '1980-12-31'],
    ['DD/MM/YYYY', day, '12/31/1980', 'format'],
    ['DD/MM/YYYY', day, '30/02/1980', 'format'],
    ['MM/DD/YYYY', day, '12/31/80', 'format'],
    ['MM/DD/YYYY HH:mm', instant, '12/31/1980 23:05', '1980-12-31T23:05:00Z'],
    ['M/D/YYYY, H:mm A', instant, '2/9/1980, 12:05 am', '1980-02-09T00:05:00Z'],
    ['M/D/YYYY, H:mm A', instant, '2/9/1980, 1:05 PM', '1980-02-09T13:05:00Z'],
    ['M/D/YYYY, H:mm A', instant, '2/9/1980, 13:05 PM', 'format'],
    ['YYYY-MM-DD HH:mm:ss ZZ', instant, '1980-12-31 23:05:09 -0430', '1980-12-31T23:05:09-04:30'],
    ['DD.MM.YYYY', instant, '31.12.1980', '1980-12-31T00:00:00Z'],
    ['excel', day, '29580', '1980-12-25'],
    ['excel', day, '60', 'format'],
    ['excel', day, '2958465', '9999-12-31'],
    ['excel', day, '2958466', 'format'],
    ['excel', instant, '45000.5', '2023-03-15T12:00:00.000Z'],
    ['1.234,56', amount, '-1.234.567,89', -1_234_567.89],
    ['1.234,56', amount, '12,5', 12.5],
    ['1.234,56', amount, '1.23,5', 'type'],
    ['1,234.56', amount, '1,234.5', 1234.5],
    ['1,234.56', count, '1,234', 1234],
    ['1,234.56', count, '1,234.5', 'type'],
  ])('%s of a field (%j): %s is %s', (format, field, cell, value) => {
    expect(read(format, field, cell)).toBe(value);
  });

  test.each([
    ['MM/DD', day],
    ['MM/DD/YYYY/MM', day],
    ['MM/DD/YYYY HH:mm', day],
    ['DD(.*)MM YYYY', day],
    ['1.234,56', text('Text')],
    ['excel', amount],
    ['MM/DD/YYYY', boolean('Yes')],
    ['toString', amount],
  ])('%s is no format of the field %j', (format, field) => {
    expect(compileCellFormat(format, field)).toBeUndefined();
  });

  test('a mapping names them, and is refused where the field takes none', () => {
    const schema = object('Person', { born: day, name: text('Name') });
    const mapping = compileCsvMapping({ columns: { b: { path: 'born', format: 'DD.MM.YYYY' } } }, schema);
    const bound = bindCsvHeader(mapping, ['b']);
    expect(mapRow(bound, ['31.12.1980']).record).toEqual({ born: '1980-12-31' });
    expect(mapRow(bound, ['1980-12-31']).errors[0]?.message).toMatch(
      /written DD\.MM\.YYYY; found other text/,
    );
    const faulty = {
      columns: { n: { path: 'name', format: 'DD.MM.YYYY' }, b: { path: 'born', format: 'x' } },
    };
    expect(() => compileCsvMapping(faulty, schema)).toThrow(/has a format that name does not take/);
  });
});

test.each([
  ['a,b;c,d', ','],
  ['a;b;c', ';'],
  ['"a,b,c";d', ';'],
  ['a\tb', '\t'],
  ['a|b|c', '|'],
  ['a', ','],
])('the delimiter of %j is %j', (line, delimiter) => {
  expect(detectDelimiter(line)).toBe(delimiter);
});
