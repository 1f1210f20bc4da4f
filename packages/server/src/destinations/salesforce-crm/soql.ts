const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A text as a SOQL literal. Source: SOQL and SOSL Reference, "Quoted String Escape Sequences". */
export const quoteSoql = (text: string): string =>
  `'${text.replace(/[\\'"\n\r\t\b\f]/g, (character) => escapes[character] ?? character)}'`;

/** A query string value, with what may stand plain in a query left plain: keys are shorter so. */
const encodeQuery = (text: string): string =>
  encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2C', ',').replaceAll('%40', '@');

/**
 * Queries that ask for every key, as few as fit.
 * @param prefix query up to the list, for example `SELECT Id FROM Contact WHERE Email IN`
 * @param maxPathBytes longest path taken; Salesforce refuses URI and headers over 16,384 bytes together
 * @returns paths after `/services/data/vXX.X`, each with at least one key
 */
export function toQueryPaths(prefix: string, keys: readonly string[], maxPathBytes: number): string[] {
  const head = `/query?q=${encodeQuery(`${prefix} (`)}`;
  const tail = encodeQuery(')');
  const paths: string[] = [];
  let list = '';
  for (const key of keys) {
    const literal = encodeQuery(quoteSoql(key));
    if (list !== '' && head.length + list.length + literal.length + 1 + tail.length > maxPathBytes) {
      paths.push(head + list + tail);
      list = '';
    }
    list = list === '' ? literal : `${list},${literal}`;
  }
  if (list !== '') paths.push(head + list + tail);
  return paths;
}
