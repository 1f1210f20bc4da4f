import type { CodePoints } from './code-points.ts';

/** The code point that alone is the text; the given one where the text has several. */
const onlyOne = (text: string, otherwise: number): number => {
  const point = text.codePointAt(0) ?? otherwise;
  return String.fromCodePoint(point) === text ? point : otherwise;
};
/** The one letter that becomes two is İ: alone it becomes i. */
const lower = (point: number): number => String.fromCodePoint(point).toLowerCase().codePointAt(0) ?? point;

type Cased = { readonly point: number; readonly upper: number; readonly folded: number };

let known: readonly Cased[] | undefined;

/** Every character that has another case, by the mappings of one character to one: what `Character` of Java does. */
function casedCharacters(): readonly Cased[] {
  if (known !== undefined) return known;
  const found: Cased[] = [];
  const titles = new Map<number, number>();
  const isTitle = /^\p{Lt}$/u;
  for (let point = 0; point < 0x20000; point++)
    if (isTitle.test(String.fromCodePoint(point))) titles.set(lower(point), point);
  for (let point = 0; point < 0x20000; point++) {
    const text = String.fromCodePoint(point);
    const whole = text.toUpperCase();
    if (whole === text && text.toLowerCase() === text) continue;
    // ᾳ becomes two characters; alone it becomes ᾼ.
    const upper = onlyOne(whole, titles.get(point) ?? point);
    found.push({ point, upper, folded: lower(upper) });
  }
  known = found;
  return known;
}

/** With what Java takes for the same under (?iu): what has its lower case of the upper. */
export function inAnyCase(point: number): CodePoints {
  const all = casedCharacters();
  const own = all.find((one) => one.point === point);
  // What is its own upper and lower case equals itself only, though ẞ equals ß.
  if (own === undefined || own.upper === own.folded) return [[point, point]];
  return withThose([[point, point]], ({ folded }) => folded === own.folded);
}

/** With what Java takes for one of them under (?iu): what has its upper case, or the lower case of that, among them. */
export function rangeInAnyCase(from: number, to: number): CodePoints {
  const isIn = (point: number): boolean => point >= from && point <= to;
  return withThose([[from, to]], ({ upper, folded }) => isIn(upper) || isIn(folded));
}

function withThose(points: CodePoints, isSame: (one: Cased) => boolean): CodePoints {
  const others = casedCharacters().filter(
    (one) => isSame(one) && !points.some(([from, to]) => one.point >= from && one.point <= to),
  );
  return [...points, ...others.map(({ point }) => [point, point] as const)];
}
