import type { MappingRow } from '@headrace/core';
import type { BenchServer } from '../ingest/bench-server.ts';

export const schema = {
  name: 'People',
  class_id: 'xdm.individual-profile',
  field_group_ids: ['xdm.demographic-details', 'xdm.personal-contact-details', 'xdm.loyalty-details'],
  identities: [{ path: 'personalEmail.address', namespace: 'Email', primary: true }],
};

/** Six values each. */
export const mapping: readonly MappingRow[] = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  { source: { attribute: 'person.name.firstName' }, target: 'firstName' },
  { source: { attribute: 'homeAddress.city' }, target: 'city' },
  { source: { attribute: 'homeAddress.country' }, target: 'country' },
  { source: { attribute: 'mobilePhone.number' }, target: 'number' },
];

const emailOf = (index: number): string => `person${index}@example.org`;

/** The same person as a Contact. */
export const contactOf = (index: number) => ({
  Email: emailOf(index),
  LastName: `Family ${index}`,
  FirstName: `Given ${index % 997}`,
  MailingCity: `City ${index % 500}`,
  MailingCountry: 'United Kingdom',
  MobilePhone: `+44 7700 ${String(index % 1_000_000).padStart(6, '0')}`,
});

/** The same person as a record of a stream. */
export const recordOf = (index: number, points: number) => ({
  personalEmail: { address: emailOf(index) },
  person: { name: { lastName: `Family ${index}`, firstName: `Given ${index % 997}` } },
  homeAddress: { city: `City ${index % 500}`, country: 'United Kingdom' },
  mobilePhone: { number: `+44 7700 ${String(index % 1_000_000).padStart(6, '0')}` },
  loyalty: { points },
});

/** People straight into the table that ingestion fills: how they got there is another benchmark. */
export async function makePeople(
  { database }: Pick<BenchServer, 'database'>,
  { from, to, points }: { readonly from: number; readonly to: number; readonly points: number },
): Promise<void> {
  const step = 200_000;
  for (let first = from; first < to; first += step) {
    await database.query(
      `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
       select ('x' || right(id::text, 3))::bit(12)::int, id, jsonb_build_object(
           'person', jsonb_build_object('name', jsonb_build_object('firstName', 'Given ' || i % 997, 'lastName', 'Family ' || i)),
           'personalEmail', jsonb_build_object('address', 'person' || i || '@example.org'),
           'homeAddress', jsonb_build_object('city', 'City ' || i % 500, 'country', 'United Kingdom'),
           'mobilePhone', jsonb_build_object('number', '+44 7700 ' || lpad((i % 1000000)::text, 6, '0')),
           'loyalty', jsonb_build_object('points', $3::int)),
         1, now(), now()
       from (select i, md5(i::text)::uuid as id from generate_series($1::int, $2::int - 1) as i) as people`,
      [first, Math.min(first + step, to), points],
    );
    process.stderr.write(`people: ${Math.min(first + step, to)} of ${to}\n`);
  }
  await database.query('vacuum (analyze) profile');
}
