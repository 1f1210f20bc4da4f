import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the parts of the program lie. */
export type ProgramEntries = {
  readonly server: string;
  readonly emulator: string;
  /** Folder with the sample workspace. */
  readonly examples: string;
  /** Definition of the emulated org that the sample workspace connects to. */
  readonly emulatedOrg: string;
  readonly version: string;
};

/**
 * Finds the other programs relative to this file: as TypeScript sources in the repository, or as built files
 * beside the bundle when packed.
 */
export const findPrograms = (here: string = fileURLToPath(import.meta.url)): ProgramEntries => {
  const folder = dirname(here);
  if (here.endsWith('.ts')) {
    const packages = join(folder, '..', '..', '..');
    return {
      server: join(packages, 'server', 'src', 'main.ts'),
      emulator: join(packages, 'salesforce-emulator', 'src', 'main.ts'),
      examples: join(packages, '..', 'examples'),
      emulatedOrg: join(packages, '..', 'examples', 'salesforce-org.json'),
      version: readVersion(join(packages, 'cli', 'package.json')),
    };
  }
  return {
    server: join(folder, 'server.js'),
    emulator: join(folder, 'salesforce-emulator.js'),
    examples: join(folder, '..', 'examples'),
    emulatedOrg: join(folder, '..', 'examples', 'salesforce-org.json'),
    version: readVersion(join(folder, '..', 'package.json')),
  };
};

const readVersion = (path: string): string => {
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (
    typeof parsed === 'object' &&
    parsed !== null &&
    'version' in parsed &&
    typeof parsed.version === 'string'
  )
    return parsed.version;
  throw new Error(`${path} names no version.`);
};
