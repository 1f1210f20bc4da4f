import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorWire } from '@headrace/core';
import { type StartedProcess, startProcess } from '@headrace/testkit';

const root = join(import.meta.dirname, '..');

/** A running server and how to speak to it as its owner. */
export type RunningServer = {
  readonly process: StartedProcess;
  readonly url: string;
  /** Of the owner. */
  readonly token: string;
  /** One request to the API; throws with the answer when it is no success. */
  api<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** One request that has to be refused; throws when it is not. */
  refused(method: string, path: string, body?: unknown): Promise<Refusal>;
};

/** An answer that is an error. */
export type Refusal = { readonly status: number } & ErrorWire['error'];

/** Starts the server as its own process on a free port. */
export async function startServer(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const process = await startProcess({
    entry: join(root, 'packages/server/src/main.ts'),
    env: {
      HEADRACE_DATA_DIR: dataDir,
      HEADRACE_PORT: '0',
      HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'true',
      ...env,
    },
    readyLine: /ready: (http:\/\/\S+)/,
    timeoutMs: 60_000,
  });
  const url = process.ready?.[1] ?? '';
  const token = (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim();
  const send = async (method: string, path: string, body: unknown) => {
    const isFile = Buffer.isBuffer(body);
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': isFile ? 'text/csv' : 'application/json' }),
      },
      ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
    });
    return { status: response.status, isOk: response.ok, text: await response.text() };
  };
  return {
    process,
    url,
    token,
    api: async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
      const { status, isOk, text } = await send(method, path, body);
      if (!isOk) throw new Error(`${method} ${path}: ${status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },
    refused: async (method, path, body) => {
      const { status, isOk, text } = await send(method, path, body);
      if (isOk) throw new Error(`${method} ${path} was to be refused: ${status} ${text}`);
      return readRefusal(status, text);
    },
  };
}

/** Reads the body of an answer that is an error. */
export const readRefusal = (status: number, text: string): Refusal => ({
  status,
  ...(JSON.parse(text) as ErrorWire).error,
});

/** Starts the org emulator as its own process, on a free port unless told which. */
export async function startEmulator(
  dataDir: string,
  port = 0,
  definitionFile?: string,
): Promise<{ process: StartedProcess; url: string }> {
  const process = await startProcess({
    entry: join(root, 'packages/salesforce-emulator/src/main.ts'),
    args: [
      ...['--port', String(port), '--data', dataDir],
      ...(definitionFile === undefined ? [] : ['--org', definitionFile]),
    ],
    readyLine: /ready: (http:\/\/\S+)/,
    timeoutMs: 20_000,
  });
  return { process, url: process.ready?.[1] ?? '' };
}

/** What the emulator's own sample org signs in with. */
export const orgSignIn = (url: string, changes: Readonly<Record<string, string>> = {}) => ({
  username: 'integration@emulator.example',
  password: 'Emulator-Pass-1',
  security_token: 'SampleSecurityToken00001',
  client_id: '3MVG9.emulator.sample.client.id',
  client_secret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
  custom_domain: url,
  ...changes,
});

/** A session in the emulator's sample org, opened as any client of Salesforce would. @returns its token. */
export async function signIn(
  orgUrl: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { username, password, security_token, client_id, client_secret } = orgSignIn(orgUrl, changes);
  const answer = await fetch(`${orgUrl}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      username,
      password: password + security_token,
      client_id,
      client_secret,
    }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Reads all Contacts by SOQL. @param fields beside Id. */
export async function readContacts<Field extends string>(
  orgUrl: string,
  fields: readonly Field[],
  token?: string,
): Promise<Record<Field | 'Id', string | null>[]> {
  type Contact = Record<Field | 'Id', string | null>;
  const authorization = `Bearer ${token ?? (await signIn(orgUrl))}`;
  const soql = `select ${['Id', ...fields].join(', ')} from Contact order by Id`;
  const contacts: Contact[] = [];
  let path: string | undefined = `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`;
  while (path !== undefined) {
    const response: Response = await fetch(orgUrl + path, { headers: { authorization } });
    const page = (await response.json()) as { records: Contact[]; nextRecordsUrl?: string };
    contacts.push(...page.records);
    path = page.nextRecordsUrl;
  }
  return contacts;
}

/** How many Contacts the emulator holds. */
export async function countContacts(orgUrl: string): Promise<number> {
  const answer = await fetch(`${orgUrl}/emulator/counts`);
  const counts = (await answer.json()) as Record<string, { live: number }>;
  return counts.Contact?.live ?? 0;
}

export const seedMapping = Object.entries({
  state: 'homeAddress.state',
  country: 'homeAddress.country',
  number: 'mobilePhone.number',
  firstName: 'person.name.firstName',
  postalCode: 'homeAddress.postalCode',
  city: 'homeAddress.city',
  lastName: 'person.name.lastName',
  email: 'personalEmail.address',
}).map(([target, attribute]) => ({ source: { attribute }, target }));

/** Schema and dataset of the sample customers. @returns the dataset's id. */
export async function createCustomers({ api }: RunningServer): Promise<string> {
  await api('POST', '/identity-namespaces', {
    code: 'CRMID',
    title: 'Customer number',
    id_type: 'CROSS_DEVICE',
  });
  const schema = await api<{ schema_id: string }>('POST', '/schemas', {
    name: 'Customers',
    class_id: 'xdm.individual-profile',
    field_group_ids: [
      'xdm.demographic-details',
      'xdm.personal-contact-details',
      'xdm.business-person-details',
      'xdm.loyalty-details',
      'xdm.consent-and-preference-details',
      'xdm.external-source-system-audit-details',
    ],
    identities: [
      { path: 'personID', namespace: 'CRMID', primary: true },
      { path: 'personalEmail.address', namespace: 'Email', primary: false },
      { path: 'mobilePhone.number', namespace: 'Phone', primary: false },
    ],
  });
  const dataset = await api<{ dataset_id: string }>('POST', '/datasets', {
    name: 'Shop customers',
    schema_id: schema.schema_id,
  });
  return dataset.dataset_id;
}

type Batch = {
  batch_id: string;
  status: string;
  rows_read: number;
  rows_ingested: number;
  rows_failed: number;
};

/** Uploads a CSV as a batch. */
export async function uploadCustomers(
  { api }: RunningServer,
  datasetId: string,
  csv: Buffer,
): Promise<Batch> {
  const mapping: unknown = JSON.parse(await readFile(join(root, 'examples/customers.mapping.json'), 'utf8'));
  const { batch_id } = await api<Batch>('POST', '/batches', {
    dataset_id: datasetId,
    file_name: 'customers.csv',
    mapping,
  });
  const { batch } = await api<{ batch: Batch }>('PUT', `/batches/${batch_id}/file`, csv);
  return batch;
}

export const readSample = (): Promise<Buffer> => readFile(join(root, 'examples/customers.csv'));

export const finishedBatch = ({ api }: RunningServer, batchId: string): Promise<Batch> =>
  until(
    () => api<Batch>('GET', `/batches/${batchId}`),
    (batch) => batch.status !== 'processing',
  );

/** Asks until the answer is as wanted. */
export async function until<Answer>(
  ask: () => Promise<Answer>,
  isWanted: (answer: Answer) => boolean,
  timeoutMs = 60_000,
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline)
      throw new Error(`Not reached in ${timeoutMs} ms: ${JSON.stringify(answer).slice(0, 1_000)}`);
    await delay(25);
  }
}

/** Segment, account, dataflow and activation. @returns the dataflow's id, and its account's. */
export async function activateCustomers(
  { api }: RunningServer,
  orgUrl: string,
  expression: string,
): Promise<{ dataflowId: string; accountId: string; segmentId: string }> {
  const { segment_id } = await api<{ segment_id: string }>('POST', '/segments', {
    name: 'Loyalty members',
    description: '',
    expression,
  });
  return { ...(await activateSegments({ api }, orgUrl, [segment_id])), segmentId: segment_id };
}

/** Account, dataflow and activations. @returns the dataflow's id, and its account's. */
export async function activateSegments(
  { api }: Pick<RunningServer, 'api'>,
  orgUrl: string,
  segmentIds: readonly string[],
): Promise<{ dataflowId: string; accountId: string }> {
  const { account_id } = await api<{ account_id: string }>('POST', '/accounts', {
    destination_type: 'salesforce-crm',
    name: 'Emulator',
    authentication: 'oauth2-password',
    values: orgSignIn(orgUrl, { call_time_limit_seconds: '2' }),
  });
  const { dataflow_id } = await api<{ dataflow_id: string }>('POST', '/dataflows', {
    account_id,
    name: 'Salesforce CRM',
    description: '',
    details: {},
    mapping: seedMapping,
  });
  for (const segment_id of segmentIds)
    await api('POST', `/dataflows/${dataflow_id}/activations`, { segment_id });
  return { dataflowId: dataflow_id, accountId: account_id };
}
