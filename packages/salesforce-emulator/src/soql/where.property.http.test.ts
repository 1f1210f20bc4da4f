import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { connect, type RestClient } from '../testing/rest-client.ts';

interface Person {
  readonly LastName: string;
  readonly City: string | null;
  readonly Points: number | null;
  readonly Born: string | null;
  readonly DoNotCall: boolean;
  readonly Industry: string | null;
}

interface Clause {
  readonly soql: string;
  readonly holds: (person: Person) => boolean;
}

const texts = ['a', 'B', 'ab', 'Éa', 'b_', '%'];
const days = ['2026-05-12', '2026-05-13', '2026-05-14'];
const people: readonly Person[] = Array.from({ length: 60 }, (_, index) => ({
  LastName: `N${index}`,
  City: index % 5 === 0 ? null : (texts[index % texts.length] ?? null),
  Points: index % 7 === 0 ? null : index % 4,
  Born: index % 4 === 0 ? null : (days[index % days.length] ?? null),
  DoNotCall: index % 3 === 0,
  Industry: index % 3 === 1 ? null : index % 3 === 0 ? 'Banking' : 'Retail',
}));

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({
    clock: () => Date.UTC(2026, 4, 13, 12),
    definition: { customFields: [{ object: 'Contact', name: 'Points__c', type: 'double' }] },
  });
  client = await connect(org);
  const accounts = ['Banking', 'Retail'].map((Industry) => ({
    attributes: { type: 'Account' },
    Name: Industry,
    Industry,
  }));
  const made = await client.rest('POST', '/composite/sobjects', { records: accounts });
  const accountIds = new Map(accounts.map(({ Industry }, index) => [Industry, made.body[index].id]));
  const records = people.map(({ LastName, City, Points, Born, DoNotCall, Industry }) => ({
    attributes: { type: 'Contact' },
    LastName,
    MailingCity: City,
    Points__c: Points,
    Birthdate: Born,
    DoNotCall,
    AccountId: Industry === null ? null : accountIds.get(Industry),
  }));
  const answer = await client.rest('POST', '/composite/sobjects', { allOrNone: true, records });
  expect(answer.body.every((result: { success: boolean }) => result.success)).toBe(true);
});
afterAll(() => org.close());

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
const compare = <T>(left: T, operator: string, right: T): boolean => {
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
};
const orderOperator = fc.constantFrom('<', '<=', '>', '>=');

const cityIn: fc.Arbitrary<Clause> = fc
  .tuple(fc.boolean(), fc.array(fc.constantFrom(...texts, ''), { minLength: 1, maxLength: 3 }))
  .map(([negated, values]) => {
    const listed = (city: string | null): boolean =>
      values.some((value) => value.toLowerCase() === (city ?? '').toLowerCase());
    return {
      soql: `MailingCity ${negated ? 'NOT IN' : 'IN'} (${values.map(quote).join(', ')})`,
      holds: ({ City }) => listed(City) !== negated,
    };
  });

const cityLike: fc.Arbitrary<Clause> = fc
  .constantFrom('a%', '%B%', '_', 'é_', '%\\%', '%\\_')
  .map((pattern) => {
    const source = pattern.replace(/\\?[%_]/g, (part) => ({ '%': '.*', _: '.' })[part] ?? part.slice(1));
    const expression = new RegExp(`^${source}$`, 'i');
    return {
      soql: `MailingCity LIKE '${pattern}'`,
      holds: ({ City }) => City !== null && expression.test(City),
    };
  });

const pointsOrder: fc.Arbitrary<Clause> = fc
  .tuple(orderOperator, fc.integer({ min: -1, max: 4 }))
  .map(([operator, value]) => ({
    soql: `Points__c ${operator} ${value}`,
    holds: ({ Points }) => Points !== null && compare(Points, operator, value),
  }));

const pointsEqual: fc.Arbitrary<Clause> = fc
  .tuple(fc.constantFrom('=', '!='), fc.constantFrom(0, 1, null))
  .map(([operator, value]) => ({
    soql: `Points__c ${operator} ${value}`,
    holds: ({ Points }) => (Points === value) === (operator === '='),
  }));

const born: fc.Arbitrary<Clause> = fc
  .tuple(orderOperator, fc.constantFrom('TODAY', 'YESTERDAY', '2026-05-14'))
  .map(([operator, literal]) => {
    const value =
      new Map([
        ['TODAY', '2026-05-13'],
        ['YESTERDAY', '2026-05-12'],
      ]).get(literal) ?? literal;
    return {
      soql: `Birthdate ${operator} ${literal}`,
      holds: ({ Born }) => Born !== null && compare(Born, operator, value),
    };
  });

const checkbox: fc.Arbitrary<Clause> = fc.boolean().map((value) => ({
  soql: `DoNotCall = ${value}`,
  holds: ({ DoNotCall }) => DoNotCall === value,
}));

const parent: fc.Arbitrary<Clause> = fc
  .tuple(fc.constantFrom('=', '!='), fc.constantFrom('Banking', 'Retail', null))
  .map(([operator, value]) => ({
    soql: `Account.Industry ${operator} ${value === null ? 'null' : quote(value)}`,
    holds: ({ Industry }) => (Industry === value) === (operator === '='),
  }));

const clause = fc.letrec<{ clause: Clause }>((tie) => ({
  clause: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(cityIn, cityLike, pointsOrder, pointsEqual, born, checkbox, parent),
    tie('clause').map((inner) => ({
      soql: `(NOT (${inner.soql}))`,
      holds: (person: Person) => !inner.holds(person),
    })),
    fc.tuple(fc.boolean(), fc.array(tie('clause'), { minLength: 2, maxLength: 3 })).map(([all, parts]) => ({
      soql: `(${parts.map((part) => part.soql).join(all ? ' AND ' : ' OR ')})`,
      holds: (person: Person) =>
        all ? parts.every((part) => part.holds(person)) : parts.some((part) => part.holds(person)),
    })),
  ),
})).clause;

test('a WHERE clause finds what a filter written by hand finds', async () => {
  await fc.assert(
    fc.asyncProperty(clause, async ({ soql, holds }) => {
      const { body, status } = await client.query(`SELECT LastName FROM Contact WHERE ${soql} ORDER BY Id`);
      // Three negations inside each other are refused.
      fc.pre(status !== 501);
      const found = body.records?.map((record: { LastName: string }) => record.LastName) ?? body;
      expect(found, soql).toEqual(people.filter(holds).map((person) => person.LastName));
    }),
    { numRuns: 300 },
  );
}, 30_000);
