import { watchAccess } from '../access/access-version.ts';
import { applyAccess } from '../access/apply-access.ts';
import { bulkTables } from '../bulk/bulk-job.ts';
import type { OrgDefinition } from '../definition/org-definition.ts';
import type { OrgUser } from '../definition/users.ts';
import { createFaults } from '../faults/fault-state.ts';
import { callTables } from '../journal/call-journal.ts';
import { changeTables, lastNotedNumber } from '../journal/change-journal.ts';
import { tokenTables } from '../oauth/token-tables.ts';
import { seedLeadStatuses } from '../people/lead-statuses.ts';
import { binTable, purgeBin } from '../records/recycle-bin.ts';
import { prepareRules } from '../rules/prepare-rules.ts';
import { withAddressPicklists } from '../schema/address-picklists.ts';
import { findObject, standardCatalog } from '../schema/catalog.ts';
import type { CustomField } from '../schema/custom-field.ts';
import { buildCustomObject, withCustomObjects } from '../schema/custom-object.ts';
import { isPermissionObject } from '../schema/objects/permission-objects.ts';
import { withPersonAccounts } from '../schema/person-accounts.ts';
import { withRecordTypes } from '../schema/record-types.ts';
import { integerOf, openDatabase } from '../store/database.ts';
import {
  ensureTable,
  findByKey,
  insertRecord,
  maxRecordNumber,
  recordValues,
  updateRecord,
} from '../store/record-table.ts';
import { appliedTable } from './applied-definition.ts';
import { createCustomField, customFieldTable, loadCustomFields } from './custom-fields.ts';
import { customObjectTables, keyPrefixOf } from './custom-key-prefixes.ts';
import { countStart, lifeTable, readClock } from './org-life.ts';
import { now, type OrgState, takeRecordNumber } from './org-state.ts';
import { createTimers } from './org-timers.ts';
import { createRandomBytes } from './randomness.ts';
import { createRecordId, recordNumberOf } from './record-id.ts';
import { createRowLocks } from './row-locks.ts';
import { seedQueues } from './seed-queues.ts';
import { seedRecordTypes } from './seed-record-types.ts';

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
  seedOrg(org);
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

/** The User record of a definition's user. */
export function userIdOf(org: OrgState, username: string): string | undefined {
  const object = findObject(org.catalog, 'User');
  const field = object?.fieldByName.get('Username');
  if (object === undefined || field === undefined) return undefined;
  const [rid] = findByKey(org.database, object, field, username, 1);
  return rid === undefined ? undefined : createRecordId(object.keyPrefix, rid);
}

/** Audit fields of what the org makes itself. */
function auditNow(org: OrgState): Record<string, string | number> {
  const instant = Math.floor(now(org) / 1000) * 1000;
  const by = { CreatedById: createRecordId('005', 1), LastModifiedById: createRecordId('005', 1) };
  return { CreatedDate: instant, LastModifiedDate: instant, SystemModstamp: instant, ...by };
}

/** Brings the User records up to the definition's users; records of those it does not name stay as they are. */
export function seedUsers(org: OrgState): void {
  for (const user of org.definition.users) seedUser(org, user, auditNow(org));
}

function seedOrg(org: OrgState): void {
  const { definition } = org;
  const organization = findObject(org.catalog, 'Organization');
  if (organization !== undefined && org.nextNumbers.get('Organization') === 1) {
    const values = recordValues({
      ...auditNow(org),
      Name: definition.name,
      OrganizationType: definition.edition,
      IsSandbox: definition.isSandbox ? 1 : 0,
      InstanceName: 'EMU1',
      DefaultLocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      TimeZoneSidKey: 'GMT',
    });
    insertRecord(org.database, organization, takeRecordNumber(org, organization), values);
  }
  seedUsers(org);
}

function seedUser(org: OrgState, user: OrgUser, audit: Record<string, string | number>): void {
  const object = findObject(org.catalog, 'User');
  if (object === undefined) return;
  const facts = {
    Username: user.username,
    Email: (user.email ?? user.username).toLowerCase(),
    FirstName: user.firstName === '' ? null : user.firstName,
    LastName: user.lastName,
    Name: `${user.firstName} ${user.lastName}`.trim(),
    Alias: user.lastName.slice(0, 8),
    CommunityNickname: user.username.split('@')[0]?.slice(0, 40) ?? null,
    IsActive: user.active ? 1 : 0,
    UserPermissionsMarketingUser: user.marketingUser ? 1 : 0,
  };
  const id = userIdOf(org, user.username);
  const rid = id === undefined ? undefined : recordNumberOf(id);
  if (rid !== undefined) {
    updateRecord(org.database, object, rid, recordValues(facts));
    return;
  }
  const locale = {
    UserType: 'Standard',
    TimeZoneSidKey: 'GMT',
    LocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    EmailEncodingKey: 'UTF-8',
  };
  insertRecord(
    org.database,
    object,
    takeRecordNumber(org, object),
    recordValues({ ...facts, ...locale, ...audit }),
  );
}
