import { type ChildProcess, fork, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startOrg } from '../start-org.ts';
import { connect, type RestClient } from './rest-client.ts';

const program = join(import.meta.dirname, '..', 'main.ts');
// What one run compiled need not be compiled by the next: most of its start.
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'salesforce-emulator-compiled') };
const running = new Set<ChildProcess>();

/** Starts the command with these flags, on a free port. End what is left with {@link killProcesses}. */
export function startProcess(...flags: string[]): ChildProcess {
  return keep(
    spawn(process.execPath, [program, '--port', '0', ...flags], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

/** The same with a message channel to this process. */
export function forkProcess(): ChildProcess {
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', 'ipc'];
  return keep(fork(program, ['--port', '0'], { env, stdio }));
}

function keep(child: ChildProcess): ChildProcess {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends what was started and still runs, at once. */
export async function killProcesses(): Promise<void> {
  await Promise.all([...running].map(killProcess));
}

/** Ends a process as a crash does, and waits until it is gone. */
export async function killProcess(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Where the process listens, once it does. */
export async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Salesforce org emulator ready: (http:\/\/\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the program ended before it was ready');
}

/** A client of a process, signed in with the default definition's user and app. */
export async function connectProcess(child: ChildProcess): Promise<RestClient> {
  const url = await readyUrl(child);
  const sample = await startOrg();
  await sample.close();
  return connect({ ...sample, url });
}
