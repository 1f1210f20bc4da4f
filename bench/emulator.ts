import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = join(import.meta.dirname, '..', 'packages', 'salesforce-emulator', 'src', 'main.ts');
const total = 1_000_000;
const byCollections = 200_000;
const collectionSize = 200;
const inFlight = 8;
const rowsPerJob = 400_000;
const pollMs = 20;

const definition = {
  dailyApiRequests: 1_000_000,
  customFields: [{ object: 'Contact', name: 'Ext__c', length: 40, externalId: true, unique: true }],
};
const columns = [
  'Ext__c',
  'LastName',
  'FirstName',
  'Email',
  'MobilePhone',
  'MailingCity',
  'MailingCountry',
  'Title',
] as const;

/** Keys come in no order, as customer numbers of a real export do; 7919 has no factor in common with the total. */
const valuesOf = (index: number, round: number): readonly string[] => [
  `CUST-${String((index * 7919) % total).padStart(7, '0')}`,
  `Last${index}`,
  `First${index % 5000}`,
  `person${index}@example.com`,
  `+44 7700 ${String(index % 1_000_000).padStart(6, '0')}`,
  `City ${index % 500}`,
  'United Kingdom',
  `Title ${round}`,
];

/**
 * The emulator as its own process with storage and journal on; this process is the client. Contacts are upserted
 * by a Unique External ID with eight values each: 200,000 by Collections of 200, eight calls in flight, first new,
 * then changed; the other 800,000 by Bulk API 2.0 jobs of 400,000 rows. Rates are records per second; a Bulk job
 * is timed from its creation (upload included) and from its closing. Memory in MB with all 1,000,000 Contacts
 * (Linux only, else 0).
 */
export async function emulator(): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  const orgFile = join(folder, 'org.json');
  await writeFile(orgFile, JSON.stringify(definition));
  const child = fork(program, ['--port', '0', '--data', join(folder, 'org'), '--org', orgFile]);
  try {
    const client = await connect(await readyUrl(child));
    const created = await upsertByCollections(client, 0);
    const updated = await upsertByCollections(client, 1);
    const jobs = [];
    for (let from = byCollections; from < total; from += rowsPerJob)
      jobs.push(await loadByBulk(client, from, Math.min(from + rowsPerJob, total)));
    const rows = jobs.reduce((sum, job) => sum + job.rows, 0);
    const count = await client.call('GET', '/query?q=SELECT+COUNT()+FROM+Contact');
    if (count.totalSize !== total) throw new Error(`Expected ${total} Contacts, found ${count.totalSize}.`);
    const memory = await readMemoryMb(child.pid);
    return {
      collections_records_per_s: Math.round(byCollections / created),
      collections_updates_per_s: Math.round(byCollections / updated),
      bulk_rows_per_s: Math.round(rows / jobs.reduce((sum, job) => sum + job.processingS, 0)),
      bulk_rows_per_s_with_upload: Math.round(rows / jobs.reduce((sum, job) => sum + job.wholeS, 0)),
      rss_mb_1m_contacts: memory.resident,
      rss_mb_peak: memory.peak,
    };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

interface Client {
  readonly call: (
    method: string,
    path: string,
    body?: string,
    contentType?: string,
  ) => Promise<Record<string, unknown>>;
}

async function readyUrl(child: ChildProcess): Promise<string> {
  const [message] = await once(child, 'message');
  return String(message.ready);
}

/** A bare keep-alive client, so that the client costs as little as it can. */
async function connect(url: string): Promise<Client> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const { hostname, port } = new URL(url);
  const send = (method: string, path: string, headers: Record<string, string>, body = '') =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const options = {
        agent,
        hostname,
        port,
        method,
        path,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      };
      const call = request(options, async (response) => {
        try {
          const text = Buffer.concat(await response.toArray()).toString();
          if ((response.statusCode ?? 500) >= 300)
            throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 500)}`);
          resolve(text === '' ? {} : JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
      call.once('error', reject);
      call.end(body);
    });
  const form = new URLSearchParams({
    grant_type: 'password',
    client_id: '3MVG9.emulator.sample.client.id',
    client_secret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
    username: 'integration@emulator.example',
    password: 'Emulator-Pass-1SampleSecurityToken00001',
  });
  const token = await send(
    'POST',
    '/services/oauth2/token',
    { 'content-type': 'application/x-www-form-urlencoded' },
    form.toString(),
  );
  const authorization = `Bearer ${token.access_token}`;
  return {
    call: (method, path, body, contentType = 'application/json') =>
      send(
        method,
        `/services/data/v67.0${path}`,
        { authorization, ...(body === undefined ? {} : { 'content-type': contentType }) },
        body,
      ),
  };
}

/** Seconds for all calls; their bodies are made before the clock starts. */
async function upsertByCollections(client: Client, round: number): Promise<number> {
  const bodies = Array.from({ length: byCollections / collectionSize }, (_, call) =>
    JSON.stringify({
      allOrNone: false,
      records: Array.from({ length: collectionSize }, (_, index) => ({
        attributes: { type: 'Contact' },
        ...Object.fromEntries(
          valuesOf(call * collectionSize + index, round).map((value, column) => [columns[column], value]),
        ),
      })),
    }),
  );
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < bodies.length; index = next++) {
      const results = await client.call('PATCH', '/composite/sobjects/Contact/Ext__c', bodies[index]);
      if (!Array.isArray(results) || !results.every((result) => result.success === true))
        throw new Error(`A record was refused: ${JSON.stringify(results).slice(0, 500)}`);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: inFlight }, work));
  return (performance.now() - startedAt) / 1000;
}

async function loadByBulk(
  client: Client,
  from: number,
  to: number,
): Promise<{ rows: number; wholeS: number; processingS: number }> {
  const lines = [columns.join(',')];
  for (let index = from; index < to; index++) lines.push(valuesOf(index, 0).join(','));
  const csv = `${lines.join('\n')}\n`;
  const startedAt = performance.now();
  const job = await client.call(
    'POST',
    '/jobs/ingest',
    JSON.stringify({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Ext__c',
      contentType: 'CSV',
      lineEnding: 'LF',
    }),
  );
  await client.call('PUT', `/jobs/ingest/${job.id}/batches`, csv, 'text/csv');
  const closedAt = performance.now();
  await client.call('PATCH', `/jobs/ingest/${job.id}`, JSON.stringify({ state: 'UploadComplete' }));
  for (;;) {
    const { state, numberRecordsFailed } = await client.call('GET', `/jobs/ingest/${job.id}`);
    if (state === 'JobComplete' && numberRecordsFailed === 0) break;
    if (state === 'Failed' || state === 'Aborted' || state === 'JobComplete')
      throw new Error(`The job ended ${state} with ${numberRecordsFailed} failed rows.`);
    await sleep(pollMs);
  }
  const endedAt = performance.now();
  return { rows: to - from, wholeS: (endedAt - startedAt) / 1000, processingS: (endedAt - closedAt) / 1000 };
}

async function readMemoryMb(pid: number | undefined): Promise<{ resident: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const read = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024);
  return { resident: read('VmRSS'), peak: read('VmHWM') };
}
