import { readFile } from 'node:fs/promises';

/**
 * When a running process started, in a unit only ever compared for equality; undefined when there is none.
 * Where the platform does not tell cheaply it is the empty text for any process that runs.
 */
export const readProcessStart = async (pid: number): Promise<string | undefined> => {
  if (process.platform !== 'linux') return isPidInUse(pid) ? '' : undefined;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // proc_pid_stat(5): the command (field 2) is in parentheses and may hold any character; 3 is the state, 22 the start.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return fields[19];
};

const isPidInUse = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};
