import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultOrderInput } from '@headrace/salesforce-emulator';

const program = join(import.meta.dirname, '..', '..', 'packages', 'salesforce-emulator', 'src', 'main.ts');
const definition = {
  dailyApiRequests: 5_000_000,
  customFields: [{ object: 'Contact', name: 'Ext__c', length: 40, externalId: true, unique: true }],
};

/** The org emulator as its own process, in memory. */
export type BenchOrg = {
  readonly url: string;
  readonly credentials: Readonly<Record<string, string>>;
  readonly faults: (order: FaultOrderInput) => Promise<void>;
  /** Calls counted so far in the rolling 24 hours. */
  readonly calls: () => Promise<number>;
  /** Deletes all records, and counts from nothing. */
  readonly reset: () => Promise<void>;
  readonly ask: (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
};

export async function startBenchOrg(): Promise<BenchOrg> {
  const folder = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  const orgFile = join(folder, 'org.json');
  await writeFile(orgFile, JSON.stringify(definition));
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
    faults: async (order) => void (await ask('PUT', '/emulator/faults', order)),
    calls: async () => Number((await ask('GET', '/emulator/limits')).used),
    reset: async () => void (await ask('POST', '/emulator/reset')),
    ask,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
