import { setTimeout as delay } from 'node:timers/promises';
import { makeDataDir } from '@headrace/testkit';
import { expect, test } from 'vitest';
import {
  activateSegments,
  createCustomers,
  type RunningServer,
  readContacts,
  startEmulator,
  startServer,
  until,
} from './headrace.ts';

const people = 12_000;
const hourMs = 3_600_000;
const kills = 6;

type Job = { status: string; percent_done: number; kind: string };
type Member = { profile_id: string; status: string; last_qualification_time: string };
type Segment = { counts: Record<string, number>; evaluated_at: string | null };
type Hour = { entered: number; left: number; members: number };

/** Someone with a number; every third bought something, half of those so long ago that they leave within the test. */
const isRich = (n: number) => n % 10 >= 7;
const hasBought = (n: number) => n % 3 === 0;
const isLeaving = (n: number) => n % 6 === 0;

test('promises 1, 3 and 6: killed again and again while segments are evaluated and time passes, members are what their rules say', async () => {
  const [dataDir, orgDir] = [await makeDataDir(), await makeDataDir()];
  const org = await startEmulator(orgDir.path);
  let server = await startServer(dataDir.path);
  const kill = async (): Promise<RunningServer> => {
    server.process.kill('SIGKILL');
    await server.process.exited;
    return startServer(dataDir.path);
  };

  const customers = await createCustomers(server);
  const profileIds: string[] = [];
  await send(server, customers, (n) => ({
    personID: `C-${n}`,
    personalEmail: { address: `c${n}@example.com` },
    person: { name: { lastName: `Number ${n}` } },
    loyalty: { points: n % 10 },
  })).then((sent) => profileIds.push(...sent));
  const leavesFromMs = Date.now() + 16_000;
  const leavesAt = (n: number) => leavesFromMs + n;
  const { schema_id } = await server.api<{ schema_id: string }>('POST', '/schemas', {
    name: 'Purchases',
    class_id: 'xdm.experience-event',
    field_group_ids: ['xdm.identity-map'],
    identities: [],
  });
  const { dataset_id: purchases } = await server.api<{ dataset_id: string }>('POST', '/datasets', {
    name: 'Purchases',
    schema_id,
  });
  await send(
    server,
    purchases,
    (n) => ({
      _id: `purchase ${n}`,
      timestamp: new Date(isLeaving(n) ? leavesAt(n) - hourMs : leavesFromMs - hourMs / 6).toISOString(),
      eventType: 'buy',
      identityMap: { CRMID: [{ id: `C-${n}`, primary: true }] },
    }),
    hasBought,
  );

  const publish = async (name: string, expression: string): Promise<string> =>
    (await server.api<{ segment_id: string }>('POST', '/segments', { name, description: '', expression }))
      .segment_id;
  const rich = await publish('In SQL', 'loyalty.points >= 7');
  const recent = await publish(
    'In JavaScript',
    'exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 1 hour before now',
  );
  await activateSegments(server, org.url, [rich, recent]);

  let killedHalfway = 0;
  for (let killed = 0; killed < kills; killed++) {
    // The first time both are being evaluated for the first time.
    if (killed > 0) for (const id of [recent, rich]) await server.api('POST', `/segments/${id}/evaluate`);
    const jobs = await until(
      () => readJobs(server),
      (all) => all.every(({ status }) => status !== 'QUEUED') || all.some(isHalfway),
    );
    if (jobs.some(isHalfway)) killedHalfway++;
    server = await kill();
  }
  expect(killedHalfway).toBeGreaterThan(1);
  // Once more while nothing but time passes.
  await until(
    () => readJobs(server),
    (all) => all.every(isEnded),
  );
  await delay(Math.max(0, leavesAt(people / 2) - Date.now()));
  server = await kill();
  await delay(Math.max(0, leavesAt(people) - Date.now()));

  const everyone = Array.from({ length: people }, (_, n) => n);
  const stays = (n: number) => hasBought(n) && !isLeaving(n);
  const expected = new Map([
    [rich, everyone.filter(isRich)],
    [recent, everyone.filter(stays)],
  ]);
  const numberOf = new Map(profileIds.map((profileId, n) => [profileId, n]));
  for (const [segmentId, numbers] of expected) {
    await until(
      () => server.api<Segment>('GET', `/segments/${segmentId}`),
      ({ counts, evaluated_at }) => evaluated_at !== null && membersIn(counts) === numbers.length,
    );
    const members = await readMembers(server, segmentId);
    const are = members
      .filter(({ status }) => status !== 'exited')
      .map(({ profile_id }) => numberOf.get(profile_id) ?? -1);
    expect(are.sort((a, b) => a - b)).toEqual(numbers);
    for (const { profile_id, last_qualification_time } of members.filter(
      ({ status }) => status === 'exited',
    )) {
      const lateMs = Date.parse(last_qualification_time) - leavesAt(numberOf.get(profile_id) ?? 0);
      // The first millisecond that is no longer within the hour.
      expect(lateMs).toBeOneOf([0, 1]);
    }
    const { items: hours } = await server.api<{ items: Hour[] }>('GET', `/segments/${segmentId}/counts`);
    expect(hours.at(-1)?.members).toBe(numbers.length);
    expect(hours.reduce((sum, { entered, left }) => sum + entered - left, 0)).toBe(numbers.length);
  }
  expect((await readMembers(server, recent, 'exited')).length).toBeGreaterThan(0);

  const { items: dataflows } = await server.api<{ items: { dataflow_id: string }[] }>('GET', '/dataflows');
  await until(
    () =>
      server.api<{ counts: { members: number; pending: number; activated: number } }>(
        'GET',
        `/dataflows/${dataflows[0]?.dataflow_id}`,
      ),
    ({ counts }) => counts.pending === 0 && counts.activated === counts.members,
  );
  const contacts = await readContacts(org.url, ['Email', 'LastName']);
  const delivered = contacts.map(({ Email }) => Number(/^c(\d+)@/.exec(Email ?? '')?.[1]));
  const once = new Set(delivered);
  expect(once.size).toBe(delivered.length);
  for (const [index, { LastName }] of contacts.entries()) expect(LastName).toBe(`Number ${delivered[index]}`);
  // Who left keeps the record that was made before.
  expect(everyone.filter((n) => isRich(n) || stays(n)).filter((n) => !once.has(n))).toEqual([]);
  expect(delivered.filter((n) => !isRich(n) && !hasBought(n))).toEqual([]);
  await server.process.stop();
  await org.process.stop();
  await Promise.all([dataDir.remove(), orgDir.remove()]);
}, 240_000);

const isHalfway = ({ status, percent_done }: Job) =>
  status === 'PROCESSING' && percent_done > 0 && percent_done < 100;
const isEnded = ({ status }: Job) => status === 'SUCCEEDED' || status === 'CANCELLED';
const membersIn = (counts: Segment['counts']) => (counts.realized ?? 0) + (counts.existing ?? 0);

const readJobs = async ({ api }: RunningServer) =>
  (await api<{ items: Job[] }>('GET', '/segment-jobs')).items;

/** Streams a record for each person. @returns their profiles. */
async function send(
  { api }: RunningServer,
  datasetId: string,
  recordOf: (n: number) => object,
  isSent: (n: number) => boolean = () => true,
): Promise<string[]> {
  const numbers = Array.from({ length: people }, (_, n) => n).filter(isSent);
  const profileIds: string[] = [];
  for (let from = 0; from < numbers.length; from += 500) {
    const records = numbers.slice(from, from + 500).map(recordOf);
    const { results } = await api<{ results: { profile_id: string }[] }>(
      'POST',
      `/datasets/${datasetId}/records`,
      { records },
    );
    profileIds.push(...results.map(({ profile_id }) => profile_id));
  }
  return profileIds;
}

async function readMembers({ api }: RunningServer, segmentId: string, status?: string): Promise<Member[]> {
  const members: Member[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ limit: '100', ...(after && { after }), ...(status && { status }) });
    const page: { items: Member[]; next_after: string | null } = await api(
      'GET',
      `/segments/${segmentId}/members?${query}`,
    );
    members.push(...page.items);
    after = page.next_after;
  }
  return members;
}
