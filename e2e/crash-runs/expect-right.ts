import type { Org } from '@headrace/salesforce-emulator';
import { expect } from 'vitest';
import { rows } from '../../packages/server/src/store/database.ts';
import type { Mode, World } from './world.ts';

type Contact = Readonly<Record<string, string | null>> & { readonly Id: string };

/** Reasons that a member may be left out for in a crash run: two profiles can have one key. */
const fairReasons = ['consent_withdrawn', 'match_key_held', 'record_held'];

/**
 * Promises 2, 3, 4, 5 and 10 once nothing is pending: who should be in Salesforce is there, once, with the newest values,
 * read from the org by a client of its own; who is not has a reason; the numbers add up.
 */
export async function expectRight(world: World, mode: Mode): Promise<void> {
  const contacts = await readAll(world.org, 'SELECT Id, LastName, Email, Key__c, MailingCity FROM Contact');
  const people = await rows<{
    profileId: string;
    status: string | null;
    code: string | null;
    member: boolean | null;
    recordId: string | null;
    document: {
      person?: { name?: { lastName?: string } };
      personalEmail?: { address?: string };
      homeAddress?: { city?: string };
    };
  }>(
    world.pool,
    `select p.profile_id as "profileId", e.status, e.code, e.member, e.record_id as "recordId", p.document
     from profile p left join export_state e using (bucket, profile_id)`,
  );
  const byId = new Map(contacts.map((contact) => [contact.Id, contact]));
  const kept: string[] = [];
  // Of members that wait for a key which another has: they are in their segment all the same.
  const heldUp = new Set<string>();
  for (const { profileId, status, code, recordId, document } of people) {
    const lastName = document.person?.name?.lastName;
    if (lastName === undefined) {
      expect({ profileId, status }).toEqual({ profileId, status: expect.toBeOneOf([null, 'exited']) });
      continue;
    }
    if (status !== 'activated') {
      expect({ profileId, status, code }).toEqual({
        profileId,
        status: 'excluded',
        code: expect.toBeOneOf(fairReasons),
      });
      if (code !== 'consent_withdrawn' && recordId !== null) heldUp.add(recordId);
      continue;
    }
    const contact = byId.get(recordId ?? '');
    const city = document.homeAddress?.city;
    // Without one the record keeps what it has; where that goes first, it may have another.
    const isTold = city !== undefined && !mode.mapping.some(({ overwrite }) => overwrite === 'if_empty');
    const { LastName, Email, MailingCity }: Partial<Contact> = contact ?? {};
    expect({ profileId, LastName, Email, ...(isTold && { MailingCity }) }).toEqual({
      profileId,
      LastName: lastName,
      Email: document.personalEmail?.address,
      ...(isTold && { MailingCity: city }),
    });
    kept.push(recordId ?? '');
  }
  expect(new Set(kept).size).toBe(kept.length);
  // A record that was kept for a deleted person may hold an address that somebody has by now.
  const leftBehind = await rows<{ recordId: string }>(
    world.pool,
    `select r ->> 'recordId' as "recordId" from profile_deletion, jsonb_array_elements(facts -> 'records') as r`,
  );
  const isLeftBehind = new Set(leftBehind.map(({ recordId }) => recordId));
  const keys = contacts.flatMap((contact) =>
    isLeftBehind.has(contact.Id) ? [] : (contact[mode.keyField] ?? []),
  );
  expect(keys.toSorted()).toEqual([...new Set(keys)].sort());
  if (mode.details.membership === 'campaign')
    await expectMembers(world, new Set(kept), new Set([...isLeftBehind, ...heldUp]));
  await expectNumbers(world);
}

/**
 * One campaign, and on it everyone who is kept, and nobody else: neither who left or opted out, nor a record that a merge
 * or split left with nobody.
 * @param ofOthers stay as they were: records of deleted people, and of members that wait for a key
 */
async function expectMembers(
  world: World,
  kept: ReadonlySet<string>,
  ofOthers: ReadonlySet<string>,
): Promise<void> {
  expect((await readAll(world.org, 'SELECT Id FROM Campaign')).length).toBeLessThanOrEqual(1);
  const members = await readAll(world.org, 'SELECT Id, ContactId, Status FROM CampaignMember');
  const present = members.flatMap(({ ContactId, Status }) => (Status === 'Exited' ? [] : [ContactId ?? '']));
  expect(new Set(present.filter((id) => kept.has(id) || !ofOthers.has(id)))).toEqual(kept);
}

async function expectNumbers(world: World): Promise<void> {
  const [numbers] = await rows<Record<string, number>>(
    world.pool,
    `select coalesce(sum(received), 0)::int as received, coalesce(sum(activated + excluded + failed), 0)::int as settled,
       (select count(*)::int from delivery_outcome) as outcomes,
       (select coalesce(sum(calls), 0)::int from api_call_bin) as counted
     from dataflow_run`,
  );
  expect(numbers?.received).toBe(numbers?.settled);
  expect(numbers?.outcomes).toBe(numbers?.settled);
  // Each call was counted before it was made; the test's own are not ours, and what is older than a day is forgotten.
  const since = world.now().getTime() - 24 * 60 * 60_000;
  const made = world.org
    .journal({ limit: 10_000 })
    .filter(({ at, client }) => client !== 'crash-runs' && Date.parse(at) > since).length;
  expect(numbers?.counted).toBeGreaterThanOrEqual(made);
}

async function readAll(org: Org, query: string): Promise<Contact[]> {
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const form = { grant_type: 'password', client_id: clientId, client_secret: clientSecret, username };
  const headers = { 'sforce-call-options': 'client=crash-runs' };
  const signedIn = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ ...form, password: password + securityToken }),
  });
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const answer = await fetch(`${org.url}/services/data/v67.0/query?q=${encodeURIComponent(query)}`, {
    headers: { ...headers, authorization: `Bearer ${access_token}` },
  });
  const found = (await answer.json()) as { records?: Contact[] };
  if (found.records === undefined) throw new Error(`The query failed: ${JSON.stringify(found)}`);
  return found.records;
}
