import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A child process, named so that a later process with the same pid is not taken for it. */
export type ChildIdentity = { readonly pid: number; readonly start: string };

/** What the program keeps in its data folder, for a second start to name it and for the next start to go on. */
export type ProgramRecord = {
  readonly pid: number | null;
  readonly url: string | null;
  readonly emulatorPort: number | null;
  readonly children: readonly ChildIdentity[];
};

const fileName = 'program.json';
const emptyRecord: ProgramRecord = { pid: null, url: null, emulatorPort: null, children: [] };

/** The record of a data folder; what is missing or unreadable counts as never written. */
export const readProgramRecord = async (dataDir: string): Promise<ProgramRecord> => {
  const text = await readFile(join(dataDir, fileName), 'utf8').catch(() => undefined);
  return text === undefined ? emptyRecord : parseProgramRecord(text);
};

/** Replaces the record in one step. */
export const writeProgramRecord = async (dataDir: string, record: ProgramRecord): Promise<void> => {
  const temporary = join(dataDir, `${fileName}.${randomUUID()}`);
  const { pid, url, emulatorPort, children } = record;
  await writeFile(temporary, `${JSON.stringify({ pid, url, emulator_port: emulatorPort, children })}\n`);
  await rename(temporary, join(dataDir, fileName));
};

/** Reads what `writeProgramRecord` wrote. */
export const parseProgramRecord = (text: string): ProgramRecord => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return emptyRecord;
  }
  if (typeof parsed !== 'object' || parsed === null) return emptyRecord;
  const { pid, url, emulator_port, children } = { ...parsed } as Record<string, unknown>;
  return {
    pid: isCount(pid) ? pid : null,
    url: typeof url === 'string' ? url : null,
    emulatorPort: isCount(emulator_port) && emulator_port < 65_536 ? emulator_port : null,
    children: Array.isArray(children) ? children.filter(isChildIdentity) : [],
  };
};

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

const isChildIdentity = (value: unknown): value is ChildIdentity =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  isCount(value.pid) &&
  'start' in value &&
  typeof value.start === 'string';
