import { makeDataDir, type TestDataDir } from '@headrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  activateCustomers,
  createCustomers,
  type RunningServer,
  readContacts,
  signIn,
  startEmulator,
  startServer,
  until,
} from './headrace.ts';

let dataDir: TestDataDir;
let orgDir: TestDataDir;
let org: Awaited<ReturnType<typeof startEmulator>>;
let server: RunningServer;
let datasetId: string;
let dataflowPath: string;
let orgToken: string;

beforeAll(async () => {
  [dataDir, orgDir] = [await makeDataDir(), await makeDataDir()];
  [org, server] = [await startEmulator(orgDir.path), await startServer(dataDir.path)];
  datasetId = await createCustomers(server);
  const { dataflowId } = await activateCustomers(server, org.url, 'loyalty.points > 100');
  dataflowPath = `/dataflows/${dataflowId}`;
  orgToken = await signIn(org.url);
});
afterAll(async () => {
  await server.process.stop();
  await org.process.stop();
  await Promise.all([dataDir.remove(), orgDir.remove()]);
});

const phone = '+353 21 427 1234';
async function stream(personID: string, city: string, changes: object = {}): Promise<string> {
  const { results } = await server.api<{ results: { profile_id: string }[] }>(
    'POST',
    `/datasets/${datasetId}/records`,
    {
      personID,
      person: { name: { lastName: 'Doe' } },
      personalEmail: { address: `${personID}@example.com` },
      homeAddress: { city },
      loyalty: { points: 200 },
      ...changes,
    },
  );
  return results[0]?.profile_id ?? '';
}
const contacts = async () =>
  (await readContacts(org.url, ['Email', 'MailingCity'], orgToken)).filter(({ Email }) =>
    Email?.endsWith('@example.com'),
  );
type Counts = { pending: number };
const untilSettled = () =>
  until(
    async () => (await server.api<{ counts: Counts }>('GET', dataflowPath)).counts,
    ({ pending }) => pending === 0,
    15_000,
  );
type Record = {
  profile_id: string;
  record_id: string | null;
  superseded_record_ids: string[];
  superseded_records: object[];
};
const recordOf = async (profileId: string) =>
  (await server.api<{ items: Record[] }>('GET', `${dataflowPath}/records`)).items.find(
    ({ profile_id }) => profile_id === profileId,
  );

test('promises 2, 3 and 8: two Contacts whose people merge, part and are deleted', async () => {
  const [first, second] = [await stream('one', 'Cork'), await stream('two', 'Galway')];
  const [one, two] = (await until(contacts, (all) => all.length === 2)).toSorted((a, b) =>
    String(a.Email).localeCompare(String(b.Email)),
  );

  // A shared phone number makes one person of them.
  await stream('one', 'Dublin', { mobilePhone: { number: phone } });
  const merged = await stream('two', 'Limerick', { mobilePhone: { number: phone } });
  await until(contacts, (all) => all.some(({ MailingCity }) => MailingCity === 'Limerick'));
  await untilSettled();
  expect(await recordOf(merged)).toMatchObject({
    record_id: two?.Id,
    superseded_record_ids: [one?.Id],
  });
  const told = { record_id: one?.Id, exit: 'done', code: null, message: null };
  await expect
    .poll(async () => (await recordOf(merged))?.superseded_records, { timeout: 10_000 })
    .toEqual([told]);

  // It was the office's: the number is taken off the second, and both are themselves again.
  const pair = [
    { namespace: 'CRMID', value: 'two' },
    { namespace: 'Phone', value: phone },
  ];
  const parted = await server.api<{ identities: { profile_id: string }[]; connected: boolean }>(
    'POST',
    '/identity-graph/unlink',
    { identities: pair },
  );
  expect(parted).toMatchObject({
    identities: [{ profile_id: second }, { profile_id: first }],
    connected: false,
  });
  await until(contacts, (all) => all.some(({ MailingCity }) => MailingCity === 'Dublin'));
  await untilSettled();
  const cities = async () => (await contacts()).map(({ Id, MailingCity }) => [Id, MailingCity]).sort();
  expect(await cities()).toEqual(
    [
      [one?.Id, 'Dublin'],
      [two?.Id, 'Limerick'],
    ].sort(),
  );

  const remove = async (profileId: string, at_destinations: string) => {
    const { profile_deletion_id } = await server.api<{ profile_deletion_id: string }>(
      'POST',
      `/profiles/${profileId}/deletion`,
      { at_destinations },
    );
    return until(
      () =>
        server.api<{ status: string; records: unknown[] }>(
          'GET',
          `/profile-deletions/${profile_deletion_id}`,
        ),
      ({ status }) => status === 'completed',
      15_000,
    );
  };
  expect(await remove(first, 'delete')).toMatchObject({
    records: [{ record_id: one?.Id, outcome: 'deleted' }],
  });
  expect(await remove(second, 'keep')).toMatchObject({ records: [{ record_id: two?.Id, outcome: 'kept' }] });
  expect(await cities()).toEqual([[two?.Id, 'Limerick']]);
  expect(await server.refused('GET', `/profiles/${first}`)).toMatchObject({ status: 404 });
  expect((await recordOf(first))?.record_id).toBe(one?.Id);

  // Somebody who turns up with that number is someone new.
  const newcomer = await stream('one', 'Sligo');
  expect([first, second]).not.toContain(newcomer);
  await until(contacts, (all) => all.some(({ MailingCity }) => MailingCity === 'Sligo'));
  await untilSettled();
  expect(await contacts()).toHaveLength(2);
});
