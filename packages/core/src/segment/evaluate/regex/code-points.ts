/** Code points from the first to the last, both included. */
export type CodePoints = readonly (readonly [number, number])[];

const last = 0x10ffff;

/** All others. */
export function othersThan(points: CodePoints): CodePoints {
  const found: [number, number][] = [];
  let next = 0;
  for (const [from, to] of points.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) found.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= last) found.push([next, last]);
  return found;
}

/** With the other case of ASCII letters. */
export function inBothCases(points: CodePoints): CodePoints {
  const has = (point: number): boolean => points.some(([from, to]) => point >= from && point <= to);
  const found = [...points];
  for (let upper = 65; upper <= 90; upper++) {
    const lower = upper + 32;
    if (has(upper) && !has(lower)) found.push([lower, lower]);
    if (has(lower) && !has(upper)) found.push([upper, upper]);
  }
  return found;
}

/** As it stands between the brackets of a class. */
export const writePoints = (points: CodePoints): string =>
  points
    .map(([from, to]) => (from === to ? writePoint(from) : `${writePoint(from)}-${writePoint(to)}`))
    .join('');

/** A character that means itself. */
export const writePoint = (point: number): string => {
  const character = String.fromCodePoint(point);
  return /^[\p{L}\p{N} ]$/u.test(character) ? character : `\\x{${point.toString(16)}}`;
};

/** What ends a line. */
export const lineEnds: CodePoints = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x85, 0x85],
  [0x2028, 0x2029],
];
