import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reloadOrg, writeNumberFloors } from '../org/open-org.ts';
import type { OrgState } from '../org/org-state.ts';
import { restoreTable, restoreTables } from './restore-tables.ts';

/** A copy of the org's records, fields and history at one moment. */
export interface SnapshotInfo {
  readonly name: string;
  readonly createdAt: Date;
  readonly bytes: number;
}

/** The org's snapshots: files in its data folder, or in a folder of their own that ends with it. */
export interface Snapshots {
  readonly list: () => readonly SnapshotInfo[];
  /** Throws an Error for a name that is taken or cannot be a file's. */
  readonly take: (name: string) => SnapshotInfo;
  /** Whether there was one of this name. */
  readonly remove: (name: string) => boolean;
  /**
   * Puts the org back in one transaction; false when there is no such snapshot. Ids given out since are not
   * given out again unless `keepIds` is false. Throws an Error for a damaged file, and changes nothing.
   */
  readonly restore: (name: string, keepIds: boolean) => boolean;
  readonly close: () => void;
}

const suffix = '.sqlite';
const unfinishedSuffix = '.tmp';
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export function createSnapshots(org: OrgState, dataDir: string | undefined): Snapshots {
  let ownFolder: string | undefined;
  const folder = (): string => {
    if (dataDir === undefined) {
      ownFolder ??= mkdtempSync(join(tmpdir(), 'salesforce-emulator-snapshots-'));
      return ownFolder;
    }
    const path = join(dataDir, 'snapshots');
    mkdirSync(path, { recursive: true });
    return path;
  };
  const fileOf = (name: string): string => join(folder(), name + suffix);
  const list = (): readonly SnapshotInfo[] =>
    readdirSync(folder())
      .filter((file) => file.endsWith(suffix))
      .sort()
      .map((file) => infoOf(folder(), file));
  const has = (name: string): boolean => list().some((snapshot) => snapshot.name === name);
  return {
    list,
    take: (name) => {
      if (!namePattern.test(name))
        throw new Error(`Snapshot "${name}": a name has letters, digits, "_", "-" and ".", at most 64.`);
      if (has(name)) throw new Error(`Snapshot "${name}": there is one of this name; delete it first.`);
      removeUnfinished(folder());
      try {
        const unfinished = fileOf(name) + unfinishedSuffix;
        org.database.prepare('vacuum into ?').run(unfinished);
        renameSync(unfinished, fileOf(name));
      } catch (error) {
        removeUnfinished(folder());
        throw error;
      }
      return infoOf(folder(), name + suffix);
    },
    remove: (name) => {
      if (!has(name)) return false;
      rmSync(fileOf(name));
      return true;
    },
    restore: (name, keepIds) => {
      if (!has(name)) return false;
      restoreFrom(org, fileOf(name), name, keepIds);
      return true;
    },
    close: () => {
      if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}

function infoOf(folder: string, file: string): SnapshotInfo {
  const { mtime, size } = statSync(join(folder, file));
  return { name: file.slice(0, -suffix.length), createdAt: mtime, bytes: size };
}

/** What a crash or a full disk left of a snapshot being taken. */
function removeUnfinished(folder: string): void {
  for (const file of readdirSync(folder))
    if (file.includes(suffix + unfinishedSuffix)) rmSync(join(folder, file), { force: true });
}

/** Attaches a file. Throws an Error, and leaves nothing attached, when it is not one of this org's. */
function attach({ database }: OrgState, file: string, name: string): void {
  const isOne = (): boolean => {
    const sql = "select 1 from snapshot.sqlite_master where name in ('_custom_field', 'Organization')";
    return database.prepare(sql).all().length === 2;
  };
  let isAttached = false;
  try {
    database.prepare('attach database ? as snapshot').run(file);
    isAttached = true;
    if (isOne()) return;
  } catch {
    // Not a database at all.
  }
  if (isAttached) database.exec('detach database snapshot');
  throw new Error(`Snapshot "${name}": its file is damaged, or it is no snapshot.`);
}

function restoreFrom(org: OrgState, file: string, name: string, keepIds: boolean): void {
  const { database, catalog } = org;
  const numbers = new Map(org.nextNumbers);
  attach(org, file, name);
  try {
    database.transaction(() => {
      // Fields first: the tables get the columns the snapshot has.
      restoreTable(database, '_custom_field');
      reloadOrg(org);
      restoreTables(database);
      writeNumberFloors(org, keepIds ? numbers : new Map());
      reloadOrg(org);
    });
  } catch (error) {
    org.catalog = catalog;
    for (const [name, next] of numbers) org.nextNumbers.set(name, next);
    throw error;
  } finally {
    database.exec('detach database snapshot');
  }
}
