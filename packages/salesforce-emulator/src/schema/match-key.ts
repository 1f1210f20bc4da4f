/** How a duplicate rule compares a field: the names of Salesforce's matching methods. */
export const matchMethods = [
  'Exact',
  'FirstName',
  'LastName',
  'CompanyName',
  'Phone',
  'City',
  'Street',
  'Zip',
  'Title',
] as const;
export type MatchMethod = (typeof matchMethods)[number];

/** Lower case without accents. */
const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const letters = (text: string): string => folded(text).replace(/[^\p{L}]/gu, '');
const words = (text: string): readonly string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

const nicknames: Readonly<Record<string, string>> = {
  alex: 'alexander',
  andy: 'andrew',
  bill: 'william',
  bob: 'robert',
  chris: 'christopher',
  dan: 'daniel',
  dave: 'david',
  ed: 'edward',
  jim: 'james',
  joe: 'joseph',
  kate: 'katherine',
  liz: 'elizabeth',
  matt: 'matthew',
  mike: 'michael',
  nick: 'nicholas',
  peggy: 'margaret',
  rob: 'robert',
  sam: 'samuel',
  steve: 'steven',
  sue: 'susan',
  tom: 'thomas',
  tony: 'anthony',
  will: 'william',
};

const legalForms = new Set(
  'ab ag bv co company corp corporation gmbh inc incorporated limited llc llp ltd nv oy plc sa sarl spa srl the'.split(
    ' ',
  ),
);

const streetWords: Readonly<Record<string, string>> = {
  avenue: 'ave',
  boulevard: 'blvd',
  drive: 'dr',
  lane: 'ln',
  road: 'rd',
  square: 'sq',
  street: 'st',
  strasse: 'str',
};

const titleWords: Readonly<Record<string, string>> = {
  'chief executive officer': 'ceo',
  'chief financial officer': 'cfo',
  'chief operating officer': 'coo',
  'chief technology officer': 'cto',
  'vice president': 'vp',
};

/** Spellings that sound alike: pairs of letters, then vowels after the first letter, then doubled letters. */
function soundOf(name: string): string {
  const spelt = name
    .replaceAll('ph', 'f')
    .replaceAll('ck', 'k')
    .replaceAll('th', 't')
    .replaceAll('dt', 't')
    .replace(/^kn/, 'n')
    .replace(/^wr/, 'r')
    .replace(/c(?=[eiy])/g, 's')
    .replace(/[cq]/g, 'k')
    .replaceAll('z', 's')
    .replaceAll('x', 'ks');
  return (spelt.charAt(0) + spelt.slice(1).replace(/[aeiouyh]/g, '')).replace(/(.)\1+/gu, '$1');
}

function phoneDigits(text: string): string {
  const digits = text.replace(/\D/g, '').replace(/^00/, '');
  return digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
}

function companyName(text: string): string {
  const all = words(text.replaceAll('&', ' and '));
  const telling = all.filter((word) => !legalForms.has(word));
  return (telling.length === 0 ? all : telling).join('');
}

const keys: Readonly<Record<MatchMethod, (text: string) => string>> = {
  Exact: (text) => text.trim().toLowerCase(),
  FirstName: (text) => {
    const [first = ''] = words(text);
    return Object.hasOwn(nicknames, first) ? (nicknames[first] ?? first) : first;
  },
  LastName: (text) => soundOf(letters(text)),
  CompanyName: companyName,
  Phone: phoneDigits,
  City: letters,
  Street: (text) =>
    words(text)
      .map((word) => (Object.hasOwn(streetWords, word) ? streetWords[word] : word))
      .join(''),
  Zip: (text) => {
    const zip = words(text).join('');
    return /^\d{9}$/.test(zip) ? zip.slice(0, 5) : zip;
  },
  Title: (text) => {
    const title = words(text).join(' ');
    const known = Object.entries(titleWords).find(([long]) => title.includes(long));
    return (known === undefined ? title : title.replace(known[0], known[1])).replaceAll(' ', '');
  },
};

/**
 * The form in which two values are the same to a matching method; null for a blank one. Simpler than Salesforce's
 * algorithms: last names by their sound, first names by common short forms, companies without legal forms, phones by their digits.
 */
export function matchKey(method: MatchMethod, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const key = keys[method](String(value));
  return key === '' ? null : key;
}

export const isMatchMethod = (name: unknown): name is MatchMethod =>
  matchMethods.some((method) => method === name);

/** Whether two values are the same person's first name: by key, or one of them is the other's initial. */
export function isSameFirstName(left: string, right: string): boolean {
  if (matchKey('FirstName', left) === matchKey('FirstName', right)) return true;
  const [a, b] = [letters(left), letters(right)];
  return (a.length === 1 || b.length === 1) && a !== '' && a.charAt(0) === b.charAt(0);
}
