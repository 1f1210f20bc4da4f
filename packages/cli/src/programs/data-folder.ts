import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HeadraceError } from '@headrace/core';

/** The folder with everything the program keeps. The server owns most of it. */
export type DataFolder = {
  readonly path: string;
  readonly ownerTokenFile: string;
  readonly emulatorDir: string;
  readonly serverLog: string;
  readonly emulatorLog: string;
};

/** The data folder of an environment: `HEADRACE_DATA_DIR`, else `.headrace` in the working folder. */
export const locateDataFolder = (
  environment: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): DataFolder => {
  const path = resolve(workingDir, environment.HEADRACE_DATA_DIR?.trim() || '.headrace');
  return {
    path,
    ownerTokenFile: join(path, 'owner-token'),
    emulatorDir: join(path, 'salesforce-org'),
    serverLog: join(path, 'logs', 'server.log'),
    emulatorLog: join(path, 'logs', 'emulator.log'),
  };
};

/** Makes the folders. Throws `conflict` saying why they cannot be made. */
export const createDataFolder = async (folder: DataFolder): Promise<void> => {
  try {
    // PostgreSQL's user passes through the folder, so each part keeps others out by itself.
    for (const part of [join(folder.path, 'logs'), folder.emulatorDir])
      await mkdir(part, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainWriteFailure(error, folder.path);
  }
};

/** One clear message for a failure to write under the data folder. */
export const explainWriteFailure = (error: unknown, path: string): HeadraceError => {
  if (error instanceof HeadraceError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = error instanceof Error ? error.message : String(error);
  const elsewhere = 'set HEADRACE_DATA_DIR to another folder';
  if (code === 'ENOSPC' || code === 'EDQUOT' || /full/i.test(text))
    return new HeadraceError(
      'conflict',
      `The disk that holds ${path} is full. Free some space, or ${elsewhere}.`,
    );
  return new HeadraceError(
    'conflict',
    `Cannot write to the data folder ${path} (${/^E[A-Z]+$/.test(code) ? code : text}). Correct its owner or rights, or ${elsewhere}.`,
    { cause: error },
  );
};
