import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/**
 * Names one process for good: a pid alone is given to another process after a while, and at once in a new
 * container.
 */
export type ProcessIdentity = {
  readonly pid: number;
  /** Start time in a unit of the platform's own, only ever compared for equality. Letters and digits. */
  readonly start: string;
  /** Where the pid counts: the kernel's boot and pid namespace, or the host's name. Letters and digits. */
  readonly scope: string;
};

const run = promisify(execFile);

const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '');

/** The start time of a running process; undefined when there is none, or it has ended and waits to be reaped. */
export const readProcessStart = async (pid: number): Promise<string | undefined> => {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // proc_pid_stat(5): the command (field 2) is in parentheses and may hold any character; 3 is the state, 22 the start.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return fields[19];
  }
  if (process.platform === 'win32') return isPidInUse(pid) ? '0' : undefined;
  const listed = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return listed === undefined ? undefined : plain(listed.stdout) || undefined;
};

const isPidInUse = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Where pids of this process count. */
export const readPidScope = async (): Promise<string> => {
  if (process.platform !== 'linux') return plain(hostname());
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return plain(boot).slice(0, 12) + plain(namespace);
};

export const readOwnIdentity = async (): Promise<ProcessIdentity> => ({
  pid: process.pid,
  start: (await readProcessStart(process.pid)) ?? '0',
  scope: await readPidScope(),
});
