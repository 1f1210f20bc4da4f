import { watchAccess } from '../access/access-version.ts';
import { applyAccess } from '../access/apply-access.ts';
import { bulkTables } from '../bulk/bulk-job.ts';
import type { OrgDefinition } from '../definition/org-definition.ts';
import { createFaults } from '../faults/fault-state.ts';
import { callTables } from '../journal/call-journal.ts';
import { changeTables, lastNotedNumber } from '../journal/change-journal.ts';
import { tokenTables } from '../oauth/token-tables.ts';
import { appliedTable } from '../org/applied-definition.ts';
import { createCustomField, customFieldTable, loadCustomFields } from '../org/custom-fields.ts';
import { countStart, lifeTable, readClock } from '../org/org-life.ts';
import { now, type OrgState } from '../org/org-state.ts';
import { createTimers } from '../org/org-timers.ts';
import { createRandomBytes } from '../org/randomness.ts';
import { createRecordId } from '../org/record-id.ts';
import { createRowLocks } from '../org/row-locks.ts';
import { seedLeadStatuses } from '../people/lead-statuses.ts';
import { binTable, purgeBin } from '../records/recycle-bin.ts';
import { prepareRules } from '../rules/prepare-rules.ts';
import { withAddressPicklists } from '../schema/address-picklists.ts';
import { standardCatalog } from '../schema/catalog.ts';
import type { CustomField } from '../schema/custom-field.ts';
import { buildCustomObject, withCustomObjects } from '../schema/custom-object.ts';
import { isPermissionObject } from '../schema/objects/permission-objects.ts';
import { withPersonAccounts } from '../schema/person-accounts.ts';
import { withRecordTypes } from '../schema/record-types.ts';
import { integerOf, openDatabase } from '../store/database.ts';
import { ensureTable, maxRecordNumber } from '../store/record-table.ts';
import { customObjectTables, keyPrefixOf } from './custom-key-prefixes.ts';
import { seedOrganization } from './seed-organization.ts';
import { seedQueues } from './seed-queues.ts';
import { seedRecordTypes } from './seed-record-types.ts';
import { seedUsers } from './seed-users.ts';

/** What an org is opened with. The clock gives epoch milliseconds. */
export interface OpenOrgOptions {
  readonly definition: OrgDefinition;
  readonly dataDir: string | undefined;
  readonly clock: () => number;
  /** Makes tokens and cursors repeatable: the same ones at the same start of an org with the same history. */
  readonly seed: string | undefined;
}

const internalTables = `
  ${changeTables}
  ${binTable}
  ${customFieldTable}
  ${callTables}
  ${customObjectTables}
  ${appliedTable}
  ${bulkTables}
  ${tokenTables}
  ${lifeTable}
  create table if not exists _api_calls (minute integer primary key, calls integer not null);
  create table if not exists _number_floor (object text primary key, next integer not null);
`;

/** Opens the org in its folder, or a new one in memory, and brings users and fields up to the definition. */
export function openOrg(options: OpenOrgOptions): OrgState {
  const database = openDatabase(options.dataDir);
  try {
    database.exec(internalTables);
    const starts = countStart(database);
    // A later start must not give the tokens of an earlier one again.
    const randomBytes = createRandomBytes(
      options.seed === undefined ? undefined : `${options.seed}:${starts}`,
    );
    const org: OrgState = {
      definition: options.definition,
      database,
      randomBytes,
      instanceId: randomBytes(8).toString('hex'),
      organizationId: createRecordId('00D', 1),
      catalog: standardCatalog,
      ...readClock(database),
      clock: options.clock,
      timers: createTimers(() => now(org)),
      faults: createFaults(),
      locks: createRowLocks(),
      nextNumbers: new Map(),
    };
    database.transaction(() => prepareOrg(org));
    return org;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareOrg(org: OrgState): void {
  const { database, definition } = org;
  const customObjects = definition.customObjects.map((custom) =>
    buildCustomObject(custom, keyPrefixOf(database, custom.name)),
  );
  org.catalog = withCustomObjects(standardCatalog, customObjects);
  if (definition.personAccounts) org.catalog = withPersonAccounts(org.catalog);
  if (definition.stateAndCountryPicklists) org.catalog = withAddressPicklists(org.catalog);
  loadCustomFields(org);
  prepareTables(org);
  const recordTypes = seedRecordTypes(org);
  if (recordTypes.size > 0) {
    org.catalog = withRecordTypes(org.catalog, recordTypes);
    prepareTables(org);
  }
  seedOrganization(org);
  seedUsers(org);
  seedQueues(org);
  watchAccess(org);
  applyAccess(org);
  seedLeadStatuses(org);
  prepareRules(org);
  purgeBin(org);
}

function prepareTables(org: OrgState): void {
  for (const object of org.catalog.values()) {
    ensureTable(org.database, object);
    const floor = org.database.prepare('select next from _number_floor where object = ?').get(object.name);
    // Records that are gone for good keep their numbers.
    const last = Math.max(maxRecordNumber(org.database, object), lastNotedNumber(org.database, object.name));
    const next = Math.max(last + 1, integerOf(floor?.next));
    org.nextNumbers.set(object.name, Math.max(next, org.nextNumbers.get(object.name) ?? 1));
  }
}

/**
 * Gives a running org another definition and brings objects, fields, users and queues up to it. Throws an Error
 * and leaves everything as it was when a part does not fit.
 */
export function redefineOrg(org: OrgState, definition: OrgDefinition): void {
  const { definition: oldDefinition, catalog: oldCatalog } = org;
  org.definition = definition;
  try {
    org.database.transaction(() => prepareOrg(org));
  } catch (error) {
    org.definition = oldDefinition;
    org.catalog = oldCatalog;
    throw error;
  }
}

/** Reads fields, numbers and users anew from the database, in the caller's transaction. */
export function reloadOrg(org: OrgState): void {
  org.nextNumbers.clear();
  prepareOrg(org);
}

/** Keeps the numbers that come next, for when the records that had the last ones are gone. */
export function writeNumberFloors(org: OrgState, numbers: ReadonlyMap<string, number>): void {
  org.database.prepare('delete from _number_floor').run();
  for (const [object, next] of numbers)
    org.database.prepare('insert into _number_floor values (?, ?)').run(object, next);
}

/** Adds a field to the running org that every profile may use. Throws an Error when it does not fit. */
export function defineCustomField(org: OrgState, custom: CustomField): void {
  createCustomField(org, custom);
  org.database.transaction(() => applyAccess(org));
}

/**
 * Removes every record but the org's own and its users, and what was noted of their changes. Fields, sessions
 * and the count of calls stay, and ids are not given out again.
 */
export function resetOrg(org: OrgState): void {
  org.database.transaction(() => {
    writeNumberFloors(org, org.nextNumbers);
    org.database.prepare('delete from _change').run();
    org.database.prepare('delete from _bin').run();
    for (const object of org.catalog.values())
      if (object.createable && !isPermissionObject(object))
        org.database.prepare(`delete from "${object.name}"`).run();
  });
}
