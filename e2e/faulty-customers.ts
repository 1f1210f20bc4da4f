import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { expect } from 'vitest';
import { findPostmaster } from '../packages/server/src/store/embedded/find-postmaster.ts';
import { startEmbeddedPostgres } from '../packages/server/src/store/embedded/start-embedded-postgres.ts';
import { createCustomers, type RunningServer, startServer, until } from './headrace.ts';

/** A CSV file in which one row in fifty is bad, each a pure function of seed and number of the row. */
export type FaultyCustomers = { readonly seed: number; readonly count: number };

const header = 'id,email,points,joined\n';
const mapping = {
  columns: {
    id: 'personID',
    email: 'personalEmail.address',
    points: 'loyalty.points',
    joined: 'loyalty.joinDate',
  },
};

/** Ways to be bad: the keyword they are named by, and the row. */
const faults: readonly (readonly [keyword: string, rowOf: (id: number) => string])[] = [
  ['columns', (id) => `C-${id},only two`],
  ['csv', (id) => `C-${id},"mid"dle@example.com,${id},`],
  ['csv', (id) => `C-${id},"open@example.com,${id},`],
  ['type', (id) => `C-${id},c${id}@example.com,many,`],
  ['format', (id) => `C-${id},c${id}@example.com,${id},yesterday`],
  ['primaryIdentity', (id) => `,c${id}@example.com,${id},`],
  ['unicode', (id) => `C-${id},c\0${id}@example.com,${id},`],
];

/** Mixes seed and number (the finaliser of MurmurHash3). */
function mix(seed: number, id: number): number {
  let hash = Math.imul(id + 1, 0x9e3779b1) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const faultOf = (seed: number, id: number) => {
  const hash = mix(seed, id);
  return hash % 50 === 0 ? faults[Math.floor(hash / 50) % faults.length] : undefined;
};
const pointsOf = (seed: number, id: number): number => mix(seed + 1, id) % 100_000;

function* linesOf({ seed, count }: FaultyCustomers): Generator<string> {
  yield header;
  for (let from = 0; from < count; from += 1_000) {
    let text = '';
    for (let id = from; id < Math.min(from + 1_000, count); id += 1) {
      const row = faultOf(seed, id)?.[1](id);
      // Some good cells span lines, which is where going on after a crash could lose its place.
      const email = id % 97 === 0 ? `"c${id}@example.com\n"` : `c${id}@example.com`;
      text += `${row ?? `C-${id},${email},${pointsOf(seed, id)},2024-05-01T00:00:00Z`}\n`;
    }
    yield text;
  }
}

/** Kills a running server, and with it its PostgreSQL where asked, as a power cut would; then starts it again. */
async function kill(server: RunningServer, dataDir: string, withDatabase: boolean): Promise<RunningServer> {
  server.process.kill('SIGKILL');
  if (withDatabase) {
    const pointed = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => undefined);
    const postmaster = await findPostmaster(pointed?.trim() ?? join(dataDir, 'postgres'));
    if (postmaster !== undefined) {
      process.kill(-postmaster.pid, 'SIGKILL');
      // Until it is reaped, the next PostgreSQL takes it for one that still holds the socket.
      await until(
        async () => isThere(postmaster.pid),
        (isLeft) => !isLeft,
        10_000,
      );
    }
  }
  await server.process.exited;
  return start(dataDir);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const start = (dataDir: string): Promise<RunningServer> =>
  startServer(dataDir, { HEADRACE_IMPORT_FOLDERS: dataDir });

type Batch = {
  batch_id: string;
  status: string;
  rows_read: number;
  rows_ingested: number;
  rows_failed: number;
};

/**
 * Loads such a file with the real server, killed at a third and at two thirds, and holds what became of it
 * against the generator: the counts add up, each bad row is named with its reason, each good one is there once.
 *
 * @param options.isPacked imports it packed by gzip from an allowed folder; else it is uploaded
 * @param options.withDatabase kills PostgreSQL as well
 */
export async function loadThroughCrashes(
  dataDir: string,
  customers: FaultyCustomers,
  options: { readonly isPacked: boolean; readonly withDatabase: boolean; readonly timeoutMs: number },
): Promise<void> {
  const { count, seed } = customers;
  let server = await start(dataDir);
  const datasetId = await createCustomers(server);
  const announced = await server.api<Batch>('POST', '/batches', {
    dataset_id: datasetId,
    file_name: 'customers.csv',
    mapping,
  });
  const path = `/batches/${announced.batch_id}`;
  if (options.isPacked) {
    const file = join(dataDir, 'customers.csv.gz');
    await pipeline(Readable.from(linesOf(customers)), createGzip(), createWriteStream(file));
    await server.api('POST', `${path}/file`, { path: file });
  } else {
    const body = Readable.toWeb(Readable.from(linesOf(customers)).map((text: string) => Buffer.from(text)));
    const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'text/csv' };
    const request = { method: 'PUT', headers, body, duplex: 'half' } as RequestInit;
    expect((await fetch(`${server.url}/api/v1${path}/file`, request)).status).toBe(202);
  }
  for (const part of [1 / 3, 2 / 3]) {
    await until(
      () => server.api<Batch>('GET', path),
      ({ rows_read }) => rows_read >= count * part,
      options.timeoutMs,
    );
    server = await kill(server, dataDir, options.withDatabase);
  }
  const batch = await until(
    () => server.api<Batch>('GET', path),
    ({ status }) => status !== 'processing',
    options.timeoutMs,
  );
  const bad = Array.from({ length: count }, (_, id) => id).filter((id) => faultOf(seed, id) !== undefined);
  expect(batch).toMatchObject({
    status: 'success',
    rows_read: count,
    rows_ingested: count - bad.length,
    rows_failed: bad.length,
  });

  const headers = { authorization: `Bearer ${server.token}` };
  const download = await fetch(`${server.url}/api/v1${path}/errors/download`, { headers });
  const named = (await download.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  // The header is row 1.
  expect(named.map(({ row, keyword }) => `${row} ${keyword}`)).toEqual(
    bad.map((id) => `${id + 2} ${faultOf(seed, id)?.[0]}`),
  );
  await server.process.stop();
  await expectEachOnce(dataDir, customers, count - bad.length);
}

async function expectEachOnce(dataDir: string, { seed }: FaultyCustomers, expected: number): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  const client = new pg.Client({ connectionString: postgres.connectionString });
  await client.connect();
  try {
    const seen = new Set<number>();
    let wrong = 0;
    await client.query(`begin; declare people no scroll cursor for
      select document->>'personID' as id, (document#>>'{loyalty,points}')::int as points from profile`);
    for (;;) {
      const { rows } = await client.query<{ id: string; points: number }>('fetch 10000 from people');
      for (const { id, points } of rows) {
        const number = Number(id.slice(2));
        if (seen.has(number) || faultOf(seed, number) !== undefined || points !== pointsOf(seed, number))
          wrong += 1;
        seen.add(number);
      }
      if (rows.length === 0) break;
    }
    expect({ wrong, people: seen.size }).toEqual({ wrong: 0, people: expected });
  } finally {
    await client.end();
    await postgres.stop();
  }
}
