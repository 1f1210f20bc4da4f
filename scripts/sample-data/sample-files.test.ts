import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { extractIdentities } from '../../packages/core/src/identity/extract.ts';
import type { Identity } from '../../packages/core/src/identity/normalise.ts';
import { composeSchema } from '../../packages/core/src/xdm/compose.ts';
import { compileCsvMapping } from '../../packages/core/src/xdm/csv-mapping.ts';
import { bindCsvHeader, mapRow } from '../../packages/core/src/xdm/csv-row.ts';
import type { JsonObject, XdmObject } from '../../packages/core/src/xdm/field.ts';
import { compileRecordValidator } from '../../packages/core/src/xdm/validate.ts';
import { customerCounts } from './customers.ts';
import { orderCount } from './orders.ts';
import { createSampleFiles } from './sample-files.ts';

const example = (name: string): string =>
  readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');

/** RFC 4180 with LF: quoted or plain cells, each ended by a comma or the end of the line. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^,"\n]*)([,\n])/g)) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

function recordsOf(name: 'customers' | 'orders', schema: XdmObject): readonly JsonObject[] {
  const [header = [], ...rows] = parseCsv(example(`${name}.csv`));
  const mapping = bindCsvHeader(
    compileCsvMapping(JSON.parse(example(`${name}.mapping.json`)), schema),
    header,
  );
  expect(mapping.unmapped).toEqual([]);
  const validate = compileRecordValidator(schema);
  return rows.map((row) => {
    const { record, errors } = mapRow(mapping, row);
    expect([...errors, ...validate(record)]).toEqual([]);
    return record;
  });
}

const profileSchema = composeSchema({
  classId: 'xdm.individual-profile',
  fieldGroupIds: [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.business-person-details',
    'xdm.consent-and-preference-details',
    'xdm.loyalty-details',
    'xdm.external-source-system-audit-details',
  ],
});
const eventSchema = composeSchema({
  classId: 'xdm.experience-event',
  fieldGroupIds: ['xdm.commerce-details'],
});
const descriptors = [
  { path: 'personID', namespace: 'CRMID', primary: true },
  { path: 'personalEmail.address', namespace: 'Email', primary: false },
  { path: 'mobilePhone.number', namespace: 'Phone', primary: false },
];
const options = {
  defaultRegion: 'US',
  customNamespaces: [{ code: 'CRMID', title: 'CRM id', idType: 'CROSS_DEVICE' }],
} as const;

test('the committed files are what the script makes, byte for byte', () => {
  // Not toEqual: a difference would print a megabyte.
  for (const [name, text] of Object.entries(createSampleFiles())) {
    const isSame = example(name) === text;
    expect(isSame, `${name} differs: npm exec -- node scripts/make-sample-data.ts`).toBe(true);
  }
});

describe('customers.csv', () => {
  let records: readonly JsonObject[] = [];
  let extracted: readonly ReturnType<typeof extractIdentities>[] = [];
  beforeAll(() => {
    records = recordsOf('customers', profileSchema);
    extracted = records.map((record) => extractIdentities(record, descriptors, options));
  });
  const count = (isCounted: (record: JsonObject) => boolean): number => records.filter(isCounted).length;
  const rejections = (reason: string): number =>
    extracted.filter(({ rejected }) => rejected.some((each) => each.reason === reason)).length;

  test('has the stated number of rows and of each fault', () => {
    const duplicates = customerCounts.duplicatesByEmail + customerCounts.duplicatesByPhone;
    expect(records).toHaveLength(customerCounts.people + duplicates);
    expect(count(({ personalEmail }) => personalEmail === undefined)).toBe(
      customerCounts.missingEmail + customerCounts.duplicatesByPhone,
    );
    expect(rejections('invalid_email')).toBe(customerCounts.invalidEmail);
    expect(rejections('invalid_phone')).toBe(customerCounts.nationalPhone);
    const hashed = extracted.filter(({ identities }) =>
      identities.some(({ namespace }) => namespace === 'Email_LC_SHA256'),
    );
    expect(hashed).toHaveLength(customerCounts.hashedEmail);
    const optedOut = { marketing: { email: { val: 'n' } } };
    expect(count(({ consents }) => JSON.stringify(consents) === JSON.stringify(optedOut))).toBe(
      customerCounts.optedOut,
    );
    const isWeb = ({ personID }: JsonObject): boolean => String(personID).startsWith('WEB-');
    const nameless = count((record) => isWeb(record) && !JSON.stringify(record.person).includes('lastName'));
    expect(nameless).toBe(customerCounts.missingLastName);
  });

  test('identities join its rows to exactly the stated number of people', () => {
    const root = new Map<string, string>();
    const find = (key: string): string => {
      let at = key;
      for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up;
      return at;
    };
    const keyOf = ({ namespace, value }: Identity): string => `${namespace}:${value}`;
    for (const { identities } of extracted)
      for (const identity of identities) {
        const [first] = identities;
        if (first !== undefined) root.set(find(keyOf(identity)), find(keyOf(first)));
      }
    const people = new Set(extracted.map(({ primary }) => find(primary ? keyOf(primary) : '')));
    expect(people.size).toBe(customerCounts.people);
  });

  test('reaches nobody: every address is in a reserved domain', () => {
    for (const { identities } of extracted)
      for (const { namespace, value } of identities)
        if (namespace === 'Email') expect(value).toMatch(/@(?:[a-z-]+\.)?example\.(?:com|org|net)$/);
  });

  test('has names in many scripts', () => {
    const text = example('customers.csv');
    const scripts = 'Latin Cyrillic Greek Arabic Hebrew Han Hiragana Katakana Hangul Devanagari'.split(' ');
    for (const script of scripts) expect(text).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
  });
});

test('orders.csv has the stated number of events, each of a customer of customers.csv', () => {
  const customers = new Set(parseCsv(example('customers.csv')).map(([id]) => id));
  const events = recordsOf('orders', eventSchema);
  expect(events).toHaveLength(orderCount);
  for (const event of events) {
    const { identities, primary } = extractIdentities(event, [], options);
    expect(identities).toEqual([primary]);
    expect(customers.has(primary?.value)).toBe(true);
  }
});
