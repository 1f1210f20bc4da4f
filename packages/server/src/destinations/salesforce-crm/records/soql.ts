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

const numbers = new Set(['int', 'double', 'currency', 'percent']);

/**
 * A key as a literal of its field's type: SOQL compares a number with a number only.
 * @returns undefined for what no record can hold: text for a number, or longer than the field
 */
export function toLiteral(
  key: string,
  { type, length }: { readonly type: string; readonly length: number },
): string | undefined {
  if (numbers.has(type)) return /^-?\d+(\.\d+)?$/.test(key) ? key : undefined;
  return length > 0 && key.length > length ? undefined : quoteSoql(key);
}

/** A query string value, with what may stand plain in a query left plain: keys are shorter so. */
const encodeQuery = (text: string): string =>
  encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2C', ',').replaceAll('%40', '@');

/** The path of a query after `/services/data/vXX.X`; `queryAll` sees deleted records, too. */
export const queryPath = (soql: string, resource: 'query' | 'queryAll' = 'query'): string =>
  `/${resource}?q=${encodeQuery(soql)}`;

/** Salesforce takes 100,000 characters. Source: SOQL and SOSL Reference, "SOQL limits". */
const maxQueryChars = 95_000;

/**
 * Queries that ask for every literal, as few as fit, each with at least one.
 * @param prefix query up to the list, for example `SELECT Id FROM Contact WHERE Email IN`
 */
export function toQueries(prefix: string, literals: readonly string[], maxChars = maxQueryChars): string[] {
  const queries: string[] = [];
  let list = '';
  for (const literal of literals) {
    if (list !== '' && prefix.length + list.length + literal.length + 4 > maxChars) {
      queries.push(`${prefix} (${list})`);
      list = '';
    }
    list = list === '' ? literal : `${list},${literal}`;
  }
  if (list !== '') queries.push(`${prefix} (${list})`);
  return queries;
}
