import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../../start-org.ts';
import { connect, type RestClient } from '../../testing/rest-client.ts';

let org: Org;
let client: RestClient;
beforeAll(async () => {
  org = await startOrg({ definition: { stateAndCountryPicklists: true } });
  client = await connect(org);
});
afterAll(() => org.close());

const create = (fields: object) => client.rest('POST', '/sobjects/Contact', { LastName: 'Roe', ...fields });
const address = async (id: string) => {
  const fields = 'MailingState,MailingStateCode,MailingCountry,MailingCountryCode';
  const {
    attributes: _,
    Id: _id,
    ...values
  } = (await client.rest('GET', `/sobjects/Contact/${id}?fields=${fields}`)).body;
  return Object.values(values);
};

test.each<[string, object, unknown[]]>([
  [
    'names',
    { MailingCountry: 'united states', MailingState: 'Texas' },
    ['Texas', 'TX', 'United States', 'US'],
  ],
  ['codes', { MailingCountryCode: 'CA', MailingStateCode: 'on' }, ['Ontario', 'ON', 'Canada', 'CA']],
  [
    'codes before names',
    { MailingCountry: 'Atlantis', MailingCountryCode: 'DE' },
    [null, null, 'Germany', 'DE'],
  ],
  ['nothing', {}, [null, null, null, null]],
  ['a street only', { MailingStreet: 'Hauptstr. 1' }, [null, null, null, null]],
])('text and code are kept in step: %s', async (_name, fields, expected) => {
  const made = await create(fields);
  expect(made.status).toBe(201);
  expect(await address(made.body.id)).toEqual(expected);
});

test.each<[object, string, string]>([
  [
    { MailingCountry: 'Atlantis' },
    "There's a problem with this country, even though it may appear correct. Please select a country/territory from the list of valid countries.: Mailing Country",
    'MailingCountry',
  ],
  [
    { MailingCountryCode: 'XX' },
    "The MailingCountryCode field contains XX, which isn't an available country/territory. Your administrator can add it for you.",
    'MailingCountryCode',
  ],
  [
    { MailingState: 'Texas' },
    'A country/territory must be specified before specifying a state value for field: Mailing State/Province',
    'MailingState',
  ],
  [
    { MailingCountry: 'United States', MailingState: 'TX' },
    "There's a problem with this state, even though it may appear correct. Please select a state from the list of valid states.: Mailing State/Province",
    'MailingState',
  ],
  [
    { MailingCountryCode: 'DE', MailingStateCode: 'TX' },
    "The MailingStateCode field contains TX, which isn't an available state. Your administrator can add it for you.",
    'MailingStateCode',
  ],
])('%o is refused', async (fields, message, field) => {
  expect(await create(fields)).toMatchObject({
    status: 400,
    body: [{ errorCode: 'FIELD_INTEGRITY_EXCEPTION', message, fields: [field] }],
  });
});

test('a change of country must fit the state; clearing the state first is fine', async () => {
  const made = await create({ MailingCountryCode: 'US', MailingStateCode: 'TX' });
  const path = `/sobjects/Contact/${made.body.id}`;
  expect((await client.rest('PATCH', path, { MailingCountry: 'Canada' })).body).toMatchObject([
    {
      errorCode: 'FIELD_INTEGRITY_EXCEPTION',
      message:
        "The existing country/territory doesn't recognize the state value for field: Mailing State/Province Code",
      fields: ['MailingStateCode'],
    },
  ]);
  expect((await client.rest('PATCH', path, { MailingState: 'Ohio' })).status).toBe(204);
  expect(await address(made.body.id)).toEqual(['Ohio', 'OH', 'United States', 'US']);
  const moved = { MailingCountry: 'Canada', MailingState: null };
  expect((await client.rest('PATCH', path, moved)).status).toBe(204);
  expect(await address(made.body.id)).toEqual([null, null, 'Canada', 'CA']);
  expect((await client.rest('PATCH', path, { MailingCountry: '' })).status).toBe(204);
  expect(await address(made.body.id)).toEqual([null, null, null, null]);
});

test('describe says which states belong to which country; the compound address has the codes', async () => {
  const { body } = await client.rest('GET', '/sobjects/Lead/describe');
  const field = (name: string) => body.fields.find((candidate: { name: string }) => candidate.name === name);
  const country = field('CountryCode');
  const state = field('StateCode');
  expect(state).toMatchObject({
    controllerName: 'CountryCode',
    dependentPicklist: true,
    restrictedPicklist: true,
  });
  expect(country).toMatchObject({ type: 'picklist', length: 10, dependentPicklist: false });
  const texas = state.picklistValues.find(({ label }: { label: string }) => label === 'Texas');
  const bits = Buffer.from(texas.validFor, 'base64');
  const valid = country.picklistValues.filter(
    (_: unknown, index: number) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0,
  );
  expect(valid.map(({ value }: { value: string }) => value)).toEqual(['US']);
  const made = await client.rest('POST', '/sobjects/Lead', {
    LastName: 'Roe',
    Company: 'Roe',
    CountryCode: 'DE',
  });
  const read = await client.rest('GET', `/sobjects/Lead/${made.body.id}?fields=Address`);
  expect(read.body.Address).toMatchObject({ country: 'Germany', countryCode: 'DE', stateCode: null });
});

test('without the setting there are no codes, and any text will do', async () => {
  await using plain = await startOrg();
  const other = await connect(plain);
  const made = await other.rest('POST', '/sobjects/Contact', { LastName: 'Roe', MailingState: 'Anywhere' });
  expect(made.status).toBe(201);
  const code = await other.rest('POST', '/sobjects/Contact', { LastName: 'Roe', MailingStateCode: 'TX' });
  expect(code.body).toMatchObject([{ errorCode: 'INVALID_FIELD' }]);
});
