const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The value of a quoted text token, or the first escape in it that has no meaning. */
export function readTextLiteral(
  image: string,
):
  | { readonly value: string }
  | { readonly value?: undefined; readonly offset: number; readonly escape: string } {
  let value = '';
  let from = 1;
  for (let at = image.indexOf('\\', from); at !== -1; at = image.indexOf('\\', from)) {
    value += image.slice(from, at);
    const letter = image.charAt(at + 1);
    const unicode = letter === 'u' ? /^[0-9a-fA-F]{4}/.exec(image.slice(at + 2, at + 6))?.[0] : undefined;
    const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
    if (unicode !== undefined) value += String.fromCharCode(Number.parseInt(unicode, 16));
    else if (plain !== undefined) value += plain;
    else return { offset: at, escape: image.slice(at, at + 2) };
    from = at + (unicode === undefined ? 2 : 6);
  }
  return { value: value + image.slice(from, -1) };
}

/** Text as a rule writes it: double quotes, and escapes where needed. */
export const writeTextLiteral = (value: string): string => JSON.stringify(value);
