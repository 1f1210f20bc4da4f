import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { compileSegmentRule, composeSchema, type Identity, type MappingRow } from '@headrace/core';
import { type Org, startOrg } from '@headrace/salesforce-emulator';
import type { TestDatabase } from '@headrace/testkit';
import { activateSegment, plainActivation } from '../../packages/server/src/delivery/activations.ts';
import { markChanges } from '../../packages/server/src/delivery/mark-changes.ts';
import { resyncMembers } from '../../packages/server/src/delivery/resync-members.ts';
import { applyRecords } from '../../packages/server/src/ingestion/apply-records.ts';
import { deletePerson } from '../../packages/server/src/ingestion/delete-person.ts';
import { IdentityGraph } from '../../packages/server/src/ingestion/part-identities.ts';
import type { PreparedRecord } from '../../packages/server/src/ingestion/prepared-record.ts';
import type { ProfileChangeListener } from '../../packages/server/src/ingestion/save-profiles.ts';
import type { CrashPoint } from '../../packages/server/src/lifecycle/crash-points.ts';
import { evaluateChanges } from '../../packages/server/src/segmentation/evaluate-changes.ts';
import { readCallBudget } from '../../packages/server/src/store/call-budgets.ts';
import { rows, transaction } from '../../packages/server/src/store/database.ts';
import { findProfileByIdentity } from '../../packages/server/src/store/identities.ts';
import { CrashingServer, tellServersOfCrashPoints } from './crashing-server.ts';

/** How long a run may take to settle, on a busy machine. */
const settleMs = 120_000;

/** A way of writing to Salesforce. */
export type Mode = {
  readonly name: string;
  readonly details: Readonly<Record<string, string>>;
  readonly mapping: readonly MappingRow[];
  /** The field that no two Contacts may share. */
  readonly keyField: string;
  /** From how many records on jobs are used; otherwise as usual, and never by so few people. */
  readonly bulkFrom?: { readonly scarce: number; readonly always: number };
};

export type Person = {
  readonly id: string;
  readonly email: string;
  readonly lastName?: string;
  readonly city?: string;
  readonly company?: string;
  readonly optedOut?: boolean;
  readonly links?: readonly string[];
};

/** Members are people with a last name. */
const rule = compileSegmentRule('person.name.lastName.isNotNull()', {
  profile: composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: ['xdm.demographic-details'] }),
  event: composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] }),
});
const crmId = (value: string): Identity => ({ namespace: 'CRMID', value });

/** One org, one database, servers that come and go, and time that can be moved on. */
export class World {
  readonly #database: TestDatabase;
  readonly org: Org;
  readonly ids: Readonly<Record<'accountId' | 'dataflowId' | 'segmentId' | 'datasetId', string>>;
  readonly #random: () => number;
  readonly mode: Mode;
  #offsetMs = 0;
  #stamp = 1;
  #newPeople = 0;
  servers: CrashingServer[] = [];
  /** What servers said went wrong, for whoever looks into a run. */
  readonly warnings: string[] = [];
  /** What was done to servers and org. */
  readonly notes: string[] = [];
  /** Where a server comes to a crash point. */
  atPoint: (point: CrashPoint, server: CrashingServer) => Promise<void> = async () => undefined;
  /** Whether somebody resumes delivery once everything is mended, or nobody does. */
  delivery: 'is resumed' | 'goes on by itself' = 'is resumed';
  allowance = 1_000_000;

  static async start(database: TestDatabase, mode: Mode, random: () => number): Promise<World> {
    const org = await startOrg({
      definition: {
        customFields: [
          { object: 'Contact', name: 'Key__c', length: 40, externalId: true, unique: true },
          { object: 'Contact', name: 'Segment__c', length: 40 },
        ],
        dailyApiRequests: 1_000_000,
      },
    });
    const world = new World(database, org, random, mode);
    tellServersOfCrashPoints();
    await world.#setUp(mode);
    return world;
  }

  private constructor(database: TestDatabase, org: Org, random: () => number, mode: Mode) {
    this.mode = mode;
    this.#database = database;
    this.org = org;
    this.#random = random;
    const [accountId, dataflowId, segmentId, datasetId] = [
      randomUUID(),
      randomUUID(),
      randomUUID(),
      randomUUID(),
    ];
    this.ids = { accountId, dataflowId, segmentId, datasetId };
  }

  get pool() {
    return this.#database.pool;
  }

  now = (): Date => new Date(Date.now() + this.#offsetMs);

  /**
   * Time passes for servers and org alike, once no server is at work: an org ends a call after ten minutes, and what takes
   * a moment here would be so long under way.
   */
  async advance(ms: number): Promise<void> {
    const until = performance.now() + 5_000;
    for (let quiet = 0; quiet < 3 && performance.now() < until; await delay(3))
      quiet = this.servers.some(({ isAtWork }) => isAtWork) ? 0 : quiet + 1;
    this.#offsetMs += ms;
    this.org.advance(ms);
  }

  startServer(): CrashingServer {
    const server = new CrashingServer({
      databaseUrl: this.#database.url,
      org: this.org,
      accountId: this.ids.accountId,
      now: this.now,
      random: this.#random,
      allowance: this.allowance,
      bulkFrom: this.mode.bulkFrom,
      atPoint: (point, of) => this.atPoint(point, of),
      warn: (facts, message) => void this.warnings.push(`${message} ${JSON.stringify(facts)}`),
    });
    this.servers.push(server);
    return server;
  }

  /** Servers stand still for longer than their requests and leases may last; another takes everything over. */
  async overtake(): Promise<void> {
    await this.advance(25 * 60_000);
    const owners = await rows<{ owner: string }>(
      this.pool,
      'select distinct owner from bucket_lease where owner is not null',
    );
    this.startServer();
    // A server that only stands still in one place would renew its own.
    const until = performance.now() + 5_000;
    for (let held = 1; held > 0 && performance.now() < until; await delay(10)) {
      const expired = await this.pool.query(
        `update bucket_lease set expires_at = '-infinity' where owner = any($1)`,
        [owners.map(({ owner }) => owner)],
      );
      held = expired.rowCount ?? 0;
    }
  }

  async ingest(people: readonly Person[]): Promise<void> {
    const records = people.map((person): PreparedRecord => {
      const { id, email, lastName, city, company, optedOut, links = [] } = person;
      const address = {
        ...(city !== undefined && { city }),
        ...(company !== undefined && { street1: company }),
      };
      return {
        datasetId: this.ids.datasetId,
        kind: 'profile',
        recordId: id,
        stampMs: this.#stamp++,
        receivedMs: 0,
        batchId: null,
        primary: crmId(id),
        identities: [...new Set([id, ...links])].map(crmId),
        document: {
          personalEmail: { address: email },
          ...(lastName !== undefined && { person: { name: { lastName } } }),
          homeAddress: address,
          ...(optedOut === true && { consents: { marketing: { email: { val: 'n' } } } }),
        },
      };
    });
    await transaction(this.pool, (trx) => applyRecords(trx, records, this.#onChange, this.now()));
    this.wake();
  }

  /** @returns false where the two are not known, or of one person by other records. */
  async unlink(one: string, other: string): Promise<void> {
    await new IdentityGraph(this.#people)
      .unlink([crmId(one), crmId(other)], 'crash run')
      .catch(() => undefined);
  }

  async deletePerson(id: string, atDestinations: 'keep' | 'delete'): Promise<void> {
    const profileId = await findProfileByIdentity(this.pool, crmId(id));
    if (profileId !== undefined)
      await deletePerson(this.#people, { profileId, atDestinations, principal: 'crash run' });
  }

  /** As an administrator asks for after the org was restored to an older state. */
  async resync(): Promise<void> {
    await resyncMembers(this.pool, this.ids.dataflowId, this.now);
    for (const server of this.servers) server.resume();
  }

  /** Orders the org's limit of calls, and what others use of it. */
  async limits(order: {
    readonly allowed?: number;
    readonly others?: { readonly list: readonly { readonly at: number; readonly calls: number }[] };
  }): Promise<{ readonly used: number }> {
    const answer = await fetch(`${this.org.url}/emulator/limits`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    if (!answer.ok) throw new Error(`The org refused its limits: ${await answer.text()}`);
    return (await answer.json()) as { used: number };
  }

  /** Somebody new comes, who is to be sent, and servers that paused go on. */
  async comeOne(): Promise<void> {
    if (this.servers.every(({ isDead }) => isDead)) this.startServer();
    const id = `new-${++this.#newPeople}`;
    await this.ingest([{ id, email: `${id}@example.com`, lastName: 'New' }]);
    await this.advance(6_000);
    for (const server of this.servers) server.resume();
    await delay(60);
  }

  /** Calls of others that the ledger was told of by answers. */
  async othersKnown(): Promise<number> {
    return (await readCallBudget(this.pool, this.ids.accountId))?.othersUsed ?? 0;
  }

  /** Calls that servers have made, answered or not. */
  callsMade(): number {
    return this.org.journal({ limit: 10_000 }).filter(({ path }) => path.startsWith('/services/')).length;
  }

  note(what: string): void {
    this.notes.push(what);
  }

  wake(): void {
    for (const server of this.servers) server.wake();
  }

  /** Everything that was wrong is mended, time passes, and one server runs until nothing is pending. */
  async settle(): Promise<void> {
    this.org.faults({});
    const server = this.servers.find(({ isDead }) => !isDead) ?? this.startServer();
    const until = performance.now() + settleMs;
    while (performance.now() < until) {
      if ((await this.#pending()) === 0) return;
      await this.advance(120_000);
      if (this.delivery === 'is resumed') server.resume();
      else server.wake();
      await delay(25);
    }
    throw new Error(
      `Still pending: ${JSON.stringify(await rows(this.pool, 'select * from export_state where due_at is not null'))}\n${this.warnings.slice(-10).join('\n')}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
    await this.org.close();
  }

  async #pending(): Promise<number> {
    const [open] = await rows<{ count: number }>(
      this.pool,
      `select (select count(*) from export_state where status = 'pending')
         + (select count(*) from profile_deletion where finished_at is null)
         + (select count(*) from bulk_job where finished_at is null)
         + (select count(*) from activation where backfilled_at is null) as count`,
    );
    return open?.count ?? 0;
  }

  readonly #onChange: ProfileChangeListener = async (trx, changes, now) => {
    const rules = [{ segmentId: this.ids.segmentId, rule }];
    await markChanges(trx, await evaluateChanges(trx, changes, rules, now), changes, now);
  };

  get #people() {
    return { pool: this.pool, onChange: this.#onChange, onCommit: () => this.wake(), now: this.now };
  }

  async #setUp({ details, mapping }: Mode): Promise<void> {
    const { pool } = this;
    const { accountId, dataflowId, segmentId, datasetId } = this.ids;
    await pool.query(
      'truncate xdm_schema, account, segment, profile, identity, identity_unlink, profile_fragment, export_state, match_claim cascade',
    );
    await pool.query(
      'truncate profile_event, profile_change, profile_deletion, delivery_outcome, graph_overflow, api_call_bin, call_budget',
    );
    await pool.query(`update bucket_lease set owner = null, session_key = null, expires_at = '-infinity'`);
    const schemaId = randomUUID();
    await pool.query(
      `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
       values ($1, 's', 'xdm.individual-profile', '{}', '[]', now(), now())`,
      [schemaId],
    );
    await pool.query(
      `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at)
       values ($1, 'd', $2, now(), now())`,
      [datasetId, schemaId],
    );
    await pool.query(`insert into segment values ($1, 'Crash runs', '', 'true', now(), now())`, [segmentId]);
    await pool.query(
      `insert into account values ($1, 'salesforce-crm', 'a', 'oauth2-password', '{}', '\\x00', $2, null, now(), now())`,
      [accountId, this.org.organizationId],
    );
    await pool.query(
      `insert into dataflow (dataflow_id, account_id, name, description, details, mapping, enabled, stopped_by,
         created_at, tells_memberships)
       values ($1, $2, 'f', '', $3, $4, true, null, now(), $5)`,
      [dataflowId, accountId, details, JSON.stringify(mapping), details.membership !== 'none'],
    );
    await activateSegment(pool, dataflowId, segmentId, plainActivation, this.now());
  }
}
