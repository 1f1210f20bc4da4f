import type {
  CallPurpose,
  DeliveryBatch,
  DeliveryGroup,
  DeliveryItem,
  DestinationConnection,
  RecordFields,
} from '@headrace/core';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { createSalesforceCrmDestination } from './salesforce-crm-destination.ts';

/** A connection to an org of the emulator, with what a test wants to know of it. */
export type CrmOrg = {
  readonly org: Org;
  readonly connection: DestinationConnection;
  /** Another server of the same org. @param customDomain where it signs in; at the org itself where nothing is said */
  connect(customDomain?: string): DestinationConnection;
  /** Time passes for the connections. */
  wait(ms: number): void;
  /** Purposes of the calls made, as the budget was told; empty it to begin counting. */
  readonly calls: CallPurpose[];
  /** A call as another client of the org makes it, uncounted; after `/services/data/v67.0`. */
  other(method: string, path: string, body?: unknown): Promise<unknown>;
  /** A record as another client of the org makes it. @returns its id */
  make(object: string, fields: Readonly<Record<string, unknown>>): Promise<string>;
  /** Rows of a query. */
  select(soql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** What people do in Salesforce's own pages, and what steers the emulator: after `/emulator`. */
  steer(method: string, path: string, body: object): Promise<unknown>;
  close(): Promise<void>;
};

export const never = new AbortController().signal;

export async function openCrmOrg(
  definition: NonNullable<Parameters<typeof startOrg>[0]>['definition'] = {},
): Promise<CrmOrg> {
  const org = await startOrg({ definition });
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const calls: CallPurpose[] = [];
  const connections: DestinationConnection[] = [];
  let waitedMs = 0;
  const now = () => new Date(Date.now() + waitedMs);
  const connect = (customDomain = org.url): DestinationConnection => {
    const connection = connectTo(org, customDomain, calls, now);
    connections.push(connection);
    return connection;
  };
  const form = new URLSearchParams({
    grant_type: 'password',
    username,
    password: password + securityToken,
    client_id: clientId,
    client_secret: clientSecret,
  });
  const token = await json(await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body: form }));
  const headers = {
    authorization: `Bearer ${String(token.access_token)}`,
    'content-type': 'application/json',
  };
  const other: CrmOrg['other'] = async (method, path, body) => {
    const response = await fetch(`${org.url}/services/data/v67.0${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.status === 204 ? undefined : response.json();
  };
  return {
    org,
    connection: connect(),
    connect,
    wait: (ms) => {
      waitedMs += ms;
    },
    calls,
    other,
    make: async (object, fields) => String(toObject(await other('POST', `/sobjects/${object}`, fields)).id),
    select: async (soql) => {
      const { records } = toObject(await other('GET', `/queryAll?q=${encodeURIComponent(soql)}`));
      return Array.isArray(records) ? records.map(toObject) : [];
    },
    steer: async (method, path, body) => {
      const response = await fetch(`${org.url}/emulator${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(await response.text());
      return response.status === 204 ? undefined : response.json();
    },
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      await org.close();
    },
  };
}

function connectTo(
  { credentials }: Org,
  customDomain: string,
  calls: CallPurpose[],
  now: () => Date,
): DestinationConnection {
  const { username, password, securityToken, clientId, clientSecret } = credentials;
  return createSalesforceCrmDestination({ allowLoopback: true }).connect(
    {
      accountId: 'a',
      authentication: 'oauth2-password',
      organizationId: null,
      values: {
        username,
        password,
        security_token: securityToken,
        client_id: clientId,
        client_secret: clientSecret,
        custom_domain: customDomain,
      },
    },
    {
      budget: {
        reserve: async (purpose) => {
          calls.push(purpose);
        },
        observe: () => undefined,
      },
      calls: { record: () => undefined },
      now,
      secrets: heldSecrets({}, {}),
      log: { info: () => undefined, warn: () => undefined },
    },
  );
}

/** An item as the engine hands it on. */
export const item = (
  matchKey: string,
  fields: RecordFields,
  more: Partial<Pick<DeliveryItem, 'recordId' | 'ifEmpty' | 'lists'>> = {},
): DeliveryItem => ({ matchKey, recordId: null, fields, ifEmpty: [], lists: [], ...more });

/** A person found by e-mail address. */
export const person = (
  at: number,
  more: Partial<Pick<DeliveryItem, 'recordId' | 'ifEmpty' | 'lists'>> & {
    readonly fields?: RecordFields;
  } = {},
): DeliveryItem => {
  const { fields, ...rest } = more;
  const email = `person${at}@shop.example.com`;
  return item(email, { LastName: `Person ${at}`, Email: email, ...fields }, rest);
};

export const people = (count: number): DeliveryItem[] => Array.from({ length: count }, (_, at) => person(at));

export const batchOf = (
  group: DeliveryGroup,
  items: readonly DeliveryItem[],
  details: Readonly<Record<string, string>> = {},
  object = details.object ?? 'Contact',
): DeliveryBatch => ({ version: 1, object, group, details, items });

async function json(response: Response): Promise<Readonly<Record<string, unknown>>> {
  return toObject(await response.json());
}

const toObject = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === 'object' && input !== null ? { ...input } : {};
