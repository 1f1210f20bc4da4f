/**
 * The form in which texts that differ only in case are equal: upper case, then lower case, so that ß meets
 * SS, with the final sigma made an ordinary one, since its place in the word must not matter to `contains`.
 */
export function foldCase(text: string): string {
  const folded = text.toUpperCase().toLowerCase();
  return folded.includes('ς') ? folded.replaceAll('ς', 'σ') : folded;
}

/**
 * Order by Unicode code points, negative when `a` comes first: the order of UTF-8 bytes, hence of a database
 * with `collate "C"`. JavaScript's own `<` orders by UTF-16 units, which puts U+1F600 before U+FF5E.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Units of surrogate pairs stand for code points above every single unit. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
