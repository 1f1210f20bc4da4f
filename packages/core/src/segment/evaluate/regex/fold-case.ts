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

/** With what Java takes for the same under (?iu): a character its lower case of the upper, a range any of the three. */
export function inAnyCase(points: CodePoints): CodePoints {
  const all = casedCharacters();
  const found = [...points];
  for (const [from, to] of points) {
    const own = all.find(({ point }) => point === from)?.folded ?? from;
    for (const { point, upper, folded } of all) {
      const isIn = (one: number): boolean => one >= from && one <= to;
      const isSame = from === to ? folded === own : isIn(upper) || isIn(folded);
      if (isSame && !isIn(point)) found.push([point, point]);
    }
  }
  return found;
}
