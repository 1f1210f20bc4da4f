import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HeadraceError } from '@headrace/core';
import { explainWriteFailure } from './data-folder.ts';
import { readProgramRecord } from './program-record.ts';

/** The right to be the one program on a data folder. */
export type ProgramLock = { release(): void };

const fileName = 'program.lock';
const sqliteBusy = 5;

/**
 * Takes the data folder, or throws `conflict` naming pid and URL of the program that has it.
 *
 * The lock is SQLite's own on a file without content: the operating system gives it free in the moment its
 * holder ends, however it ends, on every platform, and no pid has to be believed.
 */
export const lockProgram = async (dataDir: string): Promise<ProgramLock> => {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(join(dataDir, fileName), { timeout: 0 });
    file.exec('begin exclusive');
  } catch (error) {
    file?.close();
    if (!isBusy(error)) throw explainWriteFailure(error, dataDir);
    const { pid, url } = await readProgramRecord(dataDir);
    const holder = pid === null ? '' : ` (process ${pid}${url === null ? '' : `, ${url}`})`;
    throw new HeadraceError(
      'conflict',
      `Headrace already runs on the data folder ${dataDir}${holder}. ` +
        'Stop it first, or set HEADRACE_DATA_DIR to another folder and HEADRACE_PORT to another port.',
    );
  }
  const held = file;
  return { release: () => held.close() };
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
