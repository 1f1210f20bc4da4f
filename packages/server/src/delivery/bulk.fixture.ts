import type { DataflowDetails, DestinationConnection, DestinationPorts, MappingRow } from '@headrace/core';
import type { Org } from '@headrace/salesforce-emulator';
import type { TestDatabase } from '@headrace/testkit';
import { heldSecrets } from '../catalog/account-secrets.ts';
import { createSalesforceCrmDestination } from '../destinations/salesforce-crm/salesforce-crm-destination.ts';
import { applyRecords } from '../ingestion/apply-records.ts';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows, transaction } from '../store/database.ts';
import { activateSegment, plainActivation } from './activations.ts';
import { createCallBudget } from './call-budget.ts';
import { evaluateAndMark, insertDelivery } from './delivery.fixture.ts';
import { DeliveryWorker } from './delivery-worker.ts';

export type Person = {
  readonly id: string;
  readonly email?: string;
  readonly lastName?: string;
  readonly city?: string;
  readonly postalCode?: string;
  readonly optedOut?: boolean;
  readonly links?: readonly string[];
};

const usualMapping: readonly MappingRow[] = [
  { source: { attribute: 'personalEmail.address' }, target: 'email' },
  { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
  { source: { attribute: 'homeAddress.city' }, target: 'city', when_empty: 'clear' },
  { source: { attribute: 'homeAddress.postalCode' }, target: 'postalCode' },
];

/** A segment that is delivered to an org of the emulator, with servers that come and go and time that can be moved. */
export class BulkWorld {
  readonly #database: TestDatabase;
  readonly org: Org;
  readonly ids: Awaited<ReturnType<typeof insertDelivery>>;
  readonly #accountId: string;
  #offsetMs = 0;
  #stamp = 1;
  /** Purposes of the calls that were made. */
  readonly calls: string[] = [];
  readonly warnings: string[] = [];
  /** Calls in 24 hours. */
  allowance = 1_000_000;

  static async start(
    database: TestDatabase,
    org: Org,
    { details = {}, mapping = [] }: { details?: DataflowDetails; mapping?: readonly MappingRow[] } = {},
  ): Promise<BulkWorld> {
    const ids = await insertDelivery(database.pool);
    await database.pool.query('update dataflow set mapping = $1, details = $2', [
      JSON.stringify([...usualMapping, ...mapping]),
      { membership: 'none', ...details },
    ]);
    await activateSegment(database.pool, ids.dataflowId, ids.segmentId, plainActivation, new Date());
    const [account] = await rows<{ accountId: string }>(
      database.pool,
      'select account_id as "accountId" from account',
    );
    return new BulkWorld(database, org, ids, account?.accountId ?? '');
  }

  private constructor(database: TestDatabase, org: Org, ids: BulkWorld['ids'], accountId: string) {
    this.#accountId = accountId;
    this.#database = database;
    this.org = org;
    this.ids = ids;
  }

  get pool() {
    return this.#database.pool;
  }

  now = (): Date => new Date(Date.now() + this.#offsetMs);

  /** Time passes for servers and org alike. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    this.org.advance(ms);
  }

  connect(): DestinationConnection {
    const { username, password, securityToken, clientId, clientSecret } = this.org.credentials;
    const log = { info: () => undefined, warn: () => undefined };
    const { pool, now, allowance } = this;
    const budget = createCallBudget({ pool, accountId: this.#accountId, allowance, now, log });
    const ports: DestinationPorts = {
      budget: {
        reserve: async (purpose) => {
          await budget.reserve(purpose);
          this.calls.push(purpose);
        },
        observe: (usage) => budget.observe(usage),
      },
      calls: { record: () => undefined },
      secrets: heldSecrets({}, {}),
      now,
      log,
    };
    const values = { username, password, security_token: securityToken, client_id: clientId };
    return createSalesforceCrmDestination({ allowLoopback: true }).connect(
      {
        accountId: this.#accountId,
        authentication: 'oauth2-password',
        organizationId: null,
        values: { ...values, client_secret: clientSecret, custom_domain: this.org.url },
      },
      ports,
    );
  }

  /** A server that delivers until it is stopped. */
  startServer(
    from: { scarce: number; always: number } = { scarce: 20, always: 20 },
    connection = this.connect(),
  ) {
    const worker = new DeliveryWorker({
      pool: this.pool,
      connection: { connectionString: this.#database.url },
      connectionFor: async () => connection,
      bulkFrom: from,
      now: this.now,
      random: () => 0,
      log: {
        info: () => undefined,
        warn: (facts, message) => void this.warnings.push(`${message} ${JSON.stringify(facts)}`),
      },
    });
    const controller = new AbortController();
    const running = worker.run(controller.signal);
    const stop = async (): Promise<void> => {
      controller.abort();
      await running;
      await connection.close();
    };
    return { worker, stop };
  }

  async ingest(people: readonly Person[]): Promise<void> {
    for (let start = 0; start < people.length; start += 2_000) {
      const records = people.slice(start, start + 2_000).map((person) => this.#recordOf(person));
      const onChange = evaluateAndMark(this.ids.segmentId);
      await transaction(this.pool, (trx) => applyRecords(trx, records, onChange, this.now()));
    }
  }

  /** Lets time pass, for servers and org, until nothing is pending. */
  async settle(stepMs = 10_000): Promise<void> {
    for (let tries = 0; tries < 600; tries++) {
      const [open] = await rows<{ pending: number; jobs: number }>(
        this.pool,
        `select (select count(*) from export_state where status = 'pending') as pending,
           (select count(*) from bulk_job where finished_at is null) as jobs`,
      );
      if (open?.pending === 0 && open.jobs === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
      this.advance(stepMs);
    }
    throw new Error(
      `Still pending: ${JSON.stringify(await rows(this.pool, `select * from export_state where status = 'pending' limit 3`))}
       ${JSON.stringify(await rows(this.pool, 'select * from bulk_job'))} ${this.warnings.slice(-5).join('\n')}`,
    );
  }

  jobs(): Promise<
    { state: string; group: string; records: number; settled: number; error: { code: string } | null }[]
  > {
    return rows(
      this.pool,
      'select state, delivery_group as "group", records, settled, error from bulk_job order by opened_at',
    );
  }

  async statuses(): Promise<Record<string, number>> {
    const found = await rows<{ status: string; count: number }>(
      this.pool,
      'select status, count(*) as count from export_state group by status',
    );
    return Object.fromEntries(found.map(({ status, count }) => [status, count]));
  }

  /** Contacts as another client of the org reads them. */
  async contacts(): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let path = `/services/data/v67.0/query?q=${encodeURIComponent('SELECT Id,Email,LastName,MailingCity,MailingPostalCode FROM Contact ORDER BY Email')}`;
    const token = await this.#token();
    for (;;) {
      const response = await fetch(`${this.org.url}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const page = (await response.json()) as {
        records: Record<string, unknown>[];
        done: boolean;
        nextRecordsUrl?: string;
      };
      found.push(...page.records);
      if (page.done || page.nextRecordsUrl === undefined) return found;
      path = page.nextRecordsUrl;
    }
  }

  /** What another client of the org does. */
  async asOther(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.org.url}/services/data/v67.0${path}`, {
      method,
      headers: {
        ...asTest,
        authorization: `Bearer ${await this.#token()}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async #token(): Promise<string> {
    const { username, password, securityToken, clientId, clientSecret } = this.org.credentials;
    const user = { grant_type: 'password', username, password: password + securityToken };
    const app = { client_id: clientId, client_secret: clientSecret };
    const answer = await fetch(`${this.org.url}/services/oauth2/token`, {
      method: 'POST',
      headers: asTest,
      body: new URLSearchParams({ ...user, ...app }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }

  #recordOf({
    id,
    email,
    lastName = `Name ${id}`,
    city,
    postalCode,
    optedOut,
    links = [],
  }: Person): PreparedRecord {
    const identities = [...new Set([id, ...links])].map((value) => ({ namespace: 'CRMID', value }));
    return {
      datasetId: this.ids.datasetId,
      kind: 'profile',
      recordId: id,
      stampMs: this.#stamp++,
      receivedMs: 0,
      batchId: null,
      primary: { namespace: 'CRMID', value: id },
      identities,
      document: {
        personalEmail: { address: email ?? `${id}@example.com` },
        person: { name: { lastName } },
        homeAddress: { ...(city !== undefined && { city }), ...(postalCode !== undefined && { postalCode }) },
        ...(optedOut === true && { consents: { marketing: { email: { val: 'n' } } } }),
      },
    };
  }
}

const asTest = { 'sforce-call-options': 'client=test' };

export const people = (count: number, of: (at: number) => Partial<Person> = () => ({})): Person[] =>
  Array.from({ length: count }, (_, at) => ({ id: `p${at}`, ...of(at) }));
