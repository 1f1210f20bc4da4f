/** Salesforce's limit on the match keys of a rule. */
const maxAlternatives = 10;

/**
 * The alternatives of a filter over numbered fields: `1 AND (2 OR 3)` is `[[1, 2], [1, 3]]`. AND binds more
 * tightly than OR. Throws an Error for text that is none, numbers beyond `fields`, and more than 10 alternatives.
 */
export function alternativesOf(filter: string, fields: number): readonly (readonly number[])[] {
  const tokens = filter.toUpperCase().match(/\d+|AND|OR|[()]|\S/g) ?? [];
  let at = 0;
  const bounded = (found: readonly (readonly number[])[]): readonly (readonly number[])[] => {
    if (found.length > maxAlternatives) throw new Error(`it has more than ${maxAlternatives} alternatives.`);
    return found;
  };
  const readOr = (): readonly (readonly number[])[] => {
    let found = readAnd();
    while (tokens[at] === 'OR') {
      at += 1;
      found = bounded([...found, ...readAnd()]);
    }
    return found;
  };
  const readAnd = (): readonly (readonly number[])[] => {
    let found = readOne();
    while (tokens[at] === 'AND') {
      at += 1;
      const right = readOne();
      found = bounded(found.flatMap((left) => right.map((more) => [...new Set([...left, ...more])])));
    }
    return found;
  };
  const readOne = (): readonly (readonly number[])[] => {
    const token = tokens[at++] ?? 'the end';
    if (token === '(') {
      const found = readOr();
      if (tokens[at++] !== ')') throw new Error('a closing parenthesis is missing.');
      return found;
    }
    const number = /^\d{1,3}$/.test(token) ? Number(token) : 0;
    if (number < 1 || number > fields)
      throw new Error(`expected the number of a field, 1 to ${fields}, not ${token}.`);
    return [[number]];
  };
  const found = readOr();
  if (at < tokens.length) throw new Error(`nothing was expected after ${tokens.slice(0, at).join(' ')}.`);
  return found;
}
