const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['"', '"'],
  ["'", "'"],
  ['/', '/'],
  ['\\', '\\'],
]);

const escapeSequence = /\\(u[0-9A-Fa-f]{4}|[\s\S])/g;

/** The text a quoted literal stands for, with `\" \\ \n \r \t \b \f \/ \u00e9` replaced. */
export const textOf = (image: string): string =>
  image
    .slice(1, -1)
    .replace(escapeSequence, (whole, code: string) =>
      code.length === 5
        ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
        : (escapes.get(code) ?? whole),
    );

/** The place of the first escape, from the opening quote, that stands for nothing; -1 when there is none. */
export function unknownEscapeAt(image: string): number {
  for (const match of image.slice(1, -1).matchAll(escapeSequence)) {
    const code = match[1] ?? '';
    if (code.length !== 5 && !escapes.has(code)) return match.index + 1;
  }
  return -1;
}
