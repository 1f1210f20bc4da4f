import type { BenchServer } from '../ingest/bench-server.ts';

/** People and events straight into the tables that ingestion fills: how they got there is another benchmark. */
export async function makePopulation(
  { call, database }: BenchServer,
  profiles: number,
  events: number,
): Promise<void> {
  await call('POST', '/schemas', {
    name: 'People',
    class_id: 'xdm.individual-profile',
    field_group_ids: ['xdm.demographic-details', 'xdm.personal-contact-details', 'xdm.loyalty-details'],
    identities: [{ path: 'personalEmail.address', namespace: 'Email', primary: true }],
  }).then(({ schema_id }) => call('POST', '/datasets', { name: 'People', schema_id }));
  const { schema_id } = await call('POST', '/schemas', {
    name: 'Orders',
    class_id: 'xdm.experience-event',
    field_group_ids: ['xdm.commerce-details', 'xdm.personal-contact-details'],
    identities: [{ path: 'personalEmail.address', namespace: 'Email', primary: true }],
  });
  const { dataset_id } = await call('POST', '/datasets', { name: 'Orders', schema_id });
  const step = 200_000;
  for (let from = 0; from < profiles; from += step) {
    await database.query(
      `insert into profile (bucket, profile_id, document, version, created_at, updated_at)
       select ('x' || right(id::text, 3))::bit(12)::int, id, jsonb_build_object(
           'person', jsonb_build_object('name', jsonb_build_object('firstName', 'Given ' || i % 997, 'lastName', 'Family ' || i),
             'birthDate', to_char(date '1950-01-01' + (i % 18000), 'YYYY-MM-DD')),
           'personalEmail', jsonb_build_object('address', 'person' || i || '@example.org'),
           'homeAddress', jsonb_build_object('city', 'City ' || i % 500, 'countryCode', (array['DE', 'FR', 'GB', 'US', 'CA'])[1 + i % 5]),
           'loyalty', jsonb_build_object('tier', (array['bronze', 'silver', 'gold', 'platinum'])[1 + i % 4], 'points', (i::bigint * 7919) % 10000)),
         1, now(), now()
       from (select i, md5(i::text)::uuid as id from generate_series($1::int, $2::int - 1) as i) as people`,
      [from, Math.min(from + step, profiles)],
    );
    process.stderr.write(`people: ${Math.min(from + step, profiles)} of ${profiles}\n`);
  }
  for (let from = 0; from < events; from += step) {
    await database.query(
      `insert into profile_event (bucket, profile_id, dataset_id, event_id, at, namespace, value, document)
       select ('x' || right(id::text, 3))::bit(12)::int, id, $3, 'e' || i, at, 'Email', 'person' || i % $4 || '@example.org',
         jsonb_build_object('_id', 'e' || i, 'timestamp', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'eventType', case when i % 3 = 0 then 'view' else 'purchase' end,
           'commerce', jsonb_build_object('order', jsonb_build_object('priceTotal', ((i * 31) % 20000)::numeric / 100)))
       from (select i, md5(((i * 7919) % $4)::text)::uuid as id, date_trunc('day', now()) - (i % 5000000) * interval '1 second' as at
         from generate_series($1::bigint, $2::bigint - 1) as i) as orders`,
      [from, Math.min(from + step, events), dataset_id, profiles],
    );
    process.stderr.write(`events: ${Math.min(from + step, events)} of ${events}\n`);
  }
  await database.query('vacuum (analyze) profile');
  await database.query('vacuum (analyze) profile_event');
}
