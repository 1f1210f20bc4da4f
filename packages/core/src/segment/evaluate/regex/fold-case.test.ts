import { expect, test } from 'vitest';
import { inAnyCase, rangeInAnyCase } from './fold-case.ts';

/** Where the case of a character is one other character; else itself. */
const one = (changed: string, point: number): number => {
  const found = changed.codePointAt(0) ?? point;
  return String.fromCodePoint(found) === changed ? found : point;
};
/** Greek letters with a iota below have an upper case of two letters; the one that Java's `Character` gives stands 8 or 9 further. */
const iotas: ReadonlyMap<number, number> = new Map([
  ...[0x1f80, 0x1f90, 0x1fa0].flatMap((first) =>
    Array.from({ length: 8 }, (_, index): [number, number] => [first + index, first + index + 8]),
  ),
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
]);
/** `Character.toUpperCase(point)` and `Character.toLowerCase(point)` of Java. */
const toUpperCase = (point: number): number =>
  iotas.get(point) ?? one(String.fromCodePoint(point).toUpperCase(), point);
const toLowerCase = (point: number): number =>
  point === 0x130 ? 0x69 : one(String.fromCodePoint(point).toLowerCase(), point);

const points = Array.from({ length: 0x110000 }, (_, point) => point).filter(
  (point) => point < 0xd800 || point > 0xdfff,
);
const folded = new Map(points.map((point) => [point, toLowerCase(toUpperCase(point))]));
const byFolded = Map.groupBy(points, (point) => folded.get(point));
const single = (found: ReturnType<typeof inAnyCase>): readonly number[] =>
  found.map(([from]) => from).toSorted((a, b) => a - b);

/** `Pattern.single` of JDK 25: where upper and lower case differ, all of the same lower case of the upper; else itself. */
const sameInJava = (point: number): readonly number[] => {
  const upper = toUpperCase(point);
  const lower = toLowerCase(upper);
  return upper === lower ? [point] : (byFolded.get(lower) ?? []);
};

test('under (?iu) every character equals those that it equals in Java', () => {
  const cased = points.filter(
    (point) => (byFolded.get(folded.get(point))?.length ?? 0) > 1 || toUpperCase(point) !== point,
  );
  expect(cased.length).toBeGreaterThan(2_700);
  expect(cased.filter((point) => `${single(inAnyCase(point))}` !== `${sameInJava(point)}`)).toEqual([]);
  for (const alone of [0x20, 0x37, 0x4e00, 0xdf, 0x1f600]) expect(single(inAnyCase(alone))).toEqual([alone]);
});

test('ß equals itself only, ẞ equals ß: no other character is so', () => {
  const isOdd = (point: number): boolean =>
    toUpperCase(point) === folded.get(point) && (byFolded.get(point)?.length ?? 0) > 1;
  expect(points.filter(isOdd)).toEqual([0xdf]);
  expect(single(inAnyCase(0x1e9e))).toEqual([0xdf, 0x1e9e]);
});

test('a range holds what has its upper case, or the lower case of that, in it', () => {
  for (const [from, to] of [
    [0x41, 0x5a],
    [0x61, 0x7a],
    [0xe0, 0xff],
    [0x4b, 0x4b],
    [0x370, 0x3ff],
    [0x1f80, 0x1fff],
    [0x10400, 0x10410],
  ] as const) {
    const isIn = (point: number | undefined): boolean => point !== undefined && point >= from && point <= to;
    const expected = points.filter(
      (point) => isIn(point) || isIn(toUpperCase(point)) || isIn(folded.get(point)),
    );
    const found = rangeInAnyCase(from, to).flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
    expect(found.toSorted((a, b) => a - b)).toEqual(expected);
  }
});
