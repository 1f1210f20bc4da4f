import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultOrderInput, OrgDefinitionInput } from '@headrace/salesforce-emulator';

const program = join(import.meta.dirname, '..', '..', 'packages', 'salesforce-emulator', 'src', 'main.ts');
const usual: OrgDefinitionInput = { dailyApiRequests: 5_000_000 };

/** The org emulator as its own process, in memory. */
export type BenchOrg = {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly organizationId: () => Promise<string>;
  readonly faults: (order: FaultOrderInput) => Promise<void>;
  /** Calls counted so far in the rolling 24 hours. */
  readonly calls: () => Promise<number>;
  /** Deletes all records, and counts from nothing. */
  readonly reset: () => Promise<void>;
  /** Calls that were made since the reset, by what they were for; the org's own count is `calls`. */
  readonly callsByKind: () => Promise<Readonly<Record<string, number>>>;
  /** Time passes for the org. */
  readonly advance: (ms: number) => Promise<void>;
  readonly ask: (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
};

/** @param definition beyond five million calls a day. */
export async function startBenchOrg(definition: OrgDefinitionInput = {}): Promise<BenchOrg> {
  const folder = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  const orgFile = join(folder, 'org.json');
  await writeFile(orgFile, JSON.stringify({ ...usual, ...definition }));
  const child = fork(program, ['--port', '0', '--org', orgFile], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = await once(child, 'message');
  const url = String((message as { ready: string }).ready);
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(url + path, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  return {
    url,
    credentials: {
      username: 'integration@emulator.example',
      password: 'Emulator-Pass-1',
      security_token: 'SampleSecurityToken00001',
      client_id: '3MVG9.emulator.sample.client.id',
      client_secret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
    },
    organizationId: async () => String((await ask('GET', '/emulator/health')).organization_id),
    faults: async (order) => void (await ask('PUT', '/emulator/faults', order)),
    calls: async () => Number((await ask('GET', '/emulator/limits')).used),
    reset: async () => void (await ask('POST', '/emulator/reset')),
    callsByKind: async () => countKinds(await ask('GET', '/emulator/journal?limit=1000')),
    advance: async (ms) => void (await ask('POST', '/emulator/clock', { advance_ms: Math.round(ms) })),
    ask,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function countKinds({ entries }: Record<string, unknown>): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const { method, path } of entries as { readonly method: string; readonly path: string }[]) {
    const kind = `${method} ${path.replace(/^.*\/data\/v\d+\.\d|^.*\/services/, '').replace(/\/750\w+/, '/ID')}`;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
}
