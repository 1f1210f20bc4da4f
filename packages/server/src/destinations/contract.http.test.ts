import type { Destination } from '@headrace/core';
import { startOrg } from '@headrace/salesforce-emulator';
import { MemoryOrg } from '@headrace/testkit';
import { onTestFinished } from 'vitest';
import { describeDestinationContract, type FarSide } from './contract.fixture.ts';
import { createSalesforceCrmDestination } from './salesforce-crm/salesforce-crm-destination.ts';
import { startReceiver } from './webhook/receiver.fixture.ts';
import { createWebhookDestination } from './webhook/webhook-destination.ts';

/* The suite tests what destinations do for promises 3, 5 and 9. */

const secretOf = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;

/** Opens connections that are closed at the end of the test. */
const connecting =
  (
    destination: Destination,
    authentication: string,
    valuesOf: (isRight: boolean) => Readonly<Record<string, string>>,
  ): FarSide['connect'] =>
  (ports, isRight = true) => {
    const connection = destination.connect(
      { accountId: 'a', authentication, organizationId: null, values: valuesOf(isRight) },
      ports,
    );
    onTestFinished(() => connection.close());
    return connection;
  };

describeDestinationContract('Webhook', {
  details: { fields: 'city' },
  valuesOf: ({ key, city }) => ({ key, city }),
  unsendable: { city: 'Ulm' },
  isRemote: true,
  takesJobs: false,
  open: async () => {
    const receiver = await startReceiver(secretOf(1));
    const authorization = 'Bearer receiver-token';
    return {
      connect: connecting(createWebhookDestination({ allowLoopback: true }), 'signature', (isRight) => ({
        url: `${receiver.url}?code=capability`,
        signing_secret: secretOf(isRight ? 1 : 2),
        authorization,
      })),
      count: async () => receiver.live.length,
      requests: async () => receiver.requests.length,
      cityOf: async (recordId) => receiver.records.get(recordId)?.fields.city,
      statusOn: async (listId, recordId) => receiver.records.get(recordId)?.segments[listId] ?? null,
      deleteRecord: async (recordId) => void receiver.records.delete(recordId),
      loseAnswer: async (when) => void receiver.cuts.push(when),
      hang: async () => {
        receiver.meanwhile = () => new Promise(() => undefined);
      },
      secrets: [secretOf(1), secretOf(2), 'receiver-token', 'capability'],
    };
  },
});

describeDestinationContract('Salesforce CRM', {
  details: {},
  valuesOf: ({ key, city }) => ({ email: key, lastName: 'Roe', city }),
  unsendable: { email: 'nobody@example.com' },
  isRemote: true,
  takesJobs: true,
  open: async () => {
    const org = await startOrg();
    onTestFinished(() => org.close());
    const { username, password, securityToken, clientId, clientSecret } = org.credentials;
    const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${org.url}/emulator${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(await response.text());
      const text = await response.text();
      return text === '' ? undefined : JSON.parse(text);
    };
    /** As another client of the org asks it. */
    const select = async (soql: string): Promise<readonly Readonly<Record<string, string | null>>[]> => {
      const form = new URLSearchParams({
        grant_type: 'password',
        username,
        password: password + securityToken,
        client_id: clientId,
        client_secret: clientSecret,
      });
      const signedIn = await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body: form });
      const { access_token: token } = (await signedIn.json()) as { access_token: string };
      const response = await fetch(`${org.url}/services/data/v67.0/query?q=${encodeURIComponent(soql)}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return ((await response.json()) as { records: Record<string, string | null>[] }).records;
    };
    const fault = (kind: object) =>
      ask('PUT', '/faults', { rules: [{ match: { path_prefix: '/services/data/' }, ...kind }] });
    return {
      connect: connecting(
        createSalesforceCrmDestination({ allowLoopback: true }),
        'oauth2-password',
        (isRight) => ({
          username,
          password: isRight ? password : 'a wrong password',
          security_token: securityToken,
          client_id: clientId,
          client_secret: clientSecret,
          custom_domain: org.url,
        }),
      ),
      count: async () => ((await ask('GET', '/counts')) as { Contact?: { live: number } }).Contact?.live ?? 0,
      requests: async () => ((await ask('GET', '/journal?limit=1')) as { total: number }).total,
      cityOf: async (recordId) =>
        (await select(`SELECT MailingCity FROM Contact WHERE Id = '${recordId}'`))[0]?.MailingCity,
      statusOn: async (listId, recordId) =>
        (
          await select(
            `SELECT Status FROM CampaignMember WHERE CampaignId = '${listId}' AND ContactId = '${recordId}'`,
          )
        )[0]?.Status ?? null,
      deleteRecord: async (recordId) => void (await ask('DELETE', `/records/Contact/${recordId}`, {})),
      loseAnswer: async (when) => void (await fault({ count: 1, fault: { kind: 'cut', when } })),
      hang: async () => void (await fault({ fault: { kind: 'hang', when: 'before_write' } })),
      secrets: [password, securityToken, clientSecret, 'a wrong password'],
    };
  },
});

describeDestinationContract('the destination in memory that tests of the engine deliver to', {
  details: {},
  valuesOf: ({ key, city }) => ({ email: key, city }),
  unsendable: { city: 'Ulm' },
  isRemote: false,
  takesJobs: false,
  open: async () => {
    const org = new MemoryOrg();
    return {
      connect: (_ports, isRight = true) => {
        org.isPasswordRight = isRight;
        return org;
      },
      count: async () => org.records.size,
      requests: async () => org.reads + org.writes + org.removals,
      cityOf: async (recordId) => org.records.get(recordId)?.city,
      statusOn: async (listId, recordId) => org.lists.get(listId)?.get(recordId) ?? null,
      deleteRecord: async (recordId) => void org.records.delete(recordId),
      loseAnswer: async (when) => {
        const fault = when === 'before_write' ? 'not applied, answer lost' : 'applied, answer lost';
        org.faults.push(fault);
        org.removalFaults.push(fault);
      },
      hang: undefined,
      secrets: [],
    };
  },
});
