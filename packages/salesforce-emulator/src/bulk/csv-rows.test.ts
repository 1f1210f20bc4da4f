import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delimiters } from './csv-dialect.ts';
import { findRowEnd, parseRow } from './csv-rows.ts';

const lf = { delimiter: ',', lineEnding: '\n' };
const values = (line: string) => parseRow(line, 0, line.length, lf).values;
const problem = (line: string) => parseRow(line, 0, line.length, lf).problem;

test('values are what stands between delimiters, spaces included', () => {
  expect(values('John, Smith,')).toEqual(['John', ' Smith', '']);
  expect(values('"a ""b"", c","x\ny",""')).toEqual(['a "b", c', 'x\ny', '']);
});

test('a space beside a quote is an error, and so is a quote in the middle', () => {
  expect(problem('"John","Smith"')).toBeUndefined();
  for (const line of ['"John", "Smith"', '"John" ,Smith', 'Jo"hn,Smith', '"John"x,Smith', 'a,"b'])
    expect(problem(line), line).toBeTypeOf('string');
});

test('a row ends at a line feed outside of quotes', () => {
  expect(findRowEnd('a,b\nc', 0)).toBe(3);
  expect(findRowEnd('"a\nb",c\nd', 0)).toBe(7);
  expect(findRowEnd('a,"b', 0)).toBe(4);
  expect(findRowEnd('a\n"b"', 0)).toBe(1);
});

test('any table written with quotes is read back as it was', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', ';', '\n', '\r', 'é', '😀') });
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...Object.values(delimiters)),
      fc.constantFrom('\n', '\r\n'),
      (cells, delimiter, lineEnding) => {
        const line = cells.map((value) => `"${value.replaceAll('"', '""')}"`).join(delimiter);
        const text = `${line}${lineEnding}next`;
        const end = findRowEnd(text, 0);
        expect(parseRow(text, 0, end, { delimiter, lineEnding })).toMatchObject({
          values: cells,
          problem: undefined,
        });
      },
    ),
  );
});

test('any text is read without a throw, and never past its end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' '), maxLength: 30 }), (text) => {
      for (let at = 0; at < text.length; ) {
        const end = findRowEnd(text, at);
        expect(end).toBeLessThanOrEqual(text.length);
        parseRow(text, at, end, lf);
        at = end + 1;
      }
    }),
  );
});
