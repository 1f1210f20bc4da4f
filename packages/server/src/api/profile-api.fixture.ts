import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileWireCheck, type Principal } from '@headrace/core';
import { createDatabase, type TestDatabase } from '@headrace/testkit';
import { pino } from 'pino';
import { expect } from 'vitest';
import { authenticateOwner, localOwner } from '../access/owner.ts';
import { Connections } from '../catalog/connections.ts';
import { remergeKind } from '../catalog/merge-policies.ts';
import { createSealer } from '../catalog/sealer.ts';
import { activateSegment } from '../delivery/activations.ts';
import { createCallBudget } from '../delivery/call-budget.ts';
import { markChanges } from '../delivery/mark-changes.ts';
import { BatchFiles } from '../ingestion/batch-files.ts';
import { Batches } from '../ingestion/batches.ts';
import { DatasetRegistry } from '../ingestion/dataset-registry.ts';
import { ingestRecords } from '../ingestion/ingest-records.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import { RecordQueue } from '../ingestion/record-queue.ts';
import { createRemerge } from '../ingestion/remerge-profiles.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import { SegmentRules } from '../segmentation/segment-rules.ts';
import { Segments } from '../segmentation/segments.ts';
import { createApi } from './create-api.ts';
import { routeTable } from './route-table.ts';

const token = 'owner-token-of-the-test';

/** The API over a database of its own, with ingestion and segmentation behind it and nothing delivered. */
export async function openProfileApi() {
  const database = await createDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-profile-api-'));
  const { pool } = database;
  const now = () => new Date();
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const failures: unknown[] = [];
  const onError = (error: unknown) => void failures.push(error);
  const onCommit = () => undefined;
  const rules = new SegmentRules();
  const onChange: ProfileChangeListener = async (trx, changes, at) => {
    const memberships = await evaluateChanges(trx, changes, await rules.read(trx), at);
    await markChanges(trx, memberships, changes, at);
  };
  const datasets = new DatasetRegistry('US');
  const queue = new RecordQueue({ pool, onChange, onCommit, now });
  const segments = new Segments({
    pool,
    rules,
    onMemberships: (trx, memberships, at) => markChanges(trx, memberships, [], at),
    onCommit,
    now,
    onError,
  });
  const populationJobs = new PopulationJobs({
    pool,
    handlers: { [remergeKind]: createRemerge(onChange) },
    onCommit,
    now,
    onError,
  });
  const sealer = createSealer(Buffer.alloc(32, 3));
  const budgetFor = (accountId: string) => createCallBudget({ pool, accountId, allowance: 100, now, log });
  const connections = new Connections({ pool, destinations: new Map(), sealer, budgetFor, now, log });
  let principal: Principal = localOwner;
  const owner = authenticateOwner(token);
  const files = new BatchFiles(dataDir);
  const api = await createApi({
    pool,
    people: {
      ingestRecords: (datasetId, records) =>
        ingestRecords({ pool, datasets, queue, now }, datasetId, records),
      batches: new Batches({ pool, datasets, files, onChange, onCommit, now, onError }),
      segments,
      activateSegment: (dataflowId, segmentId) => activateSegment(pool, dataflowId, segmentId, now()),
      markMembersDue: async () => 0,
      verifyDataflow: () => Promise.reject(new Error('Nothing is delivered here.')),
      wakePopulationJobs: () => populationJobs.wake(),
      wakeDelivery: () => undefined,
      resumeDelivery: () => undefined,
    },
    destinations: new Map(),
    connections,
    sealer,
    budgetFor,
    apiCallAllowance: 100,
    defaultPhoneRegion: 'US',
    now,
    authenticate: (authorization) => owner(authorization) && principal,
    host: '127.0.0.1',
    version: '0.0.0',
    log,
  });
  const stop = new AbortController();
  const running = segments.run(stop.signal);

  async function call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) {
    const response = await api.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { payload: body }),
    });
    return { status: response.statusCode, body: response.json() };
  }

  return {
    database: database as TestDatabase,
    logged,
    failures,
    populationJobs,
    call,
    /** Calls a route that has to succeed, and checks its answer against the contract. */
    use: async (...[method, path, body]: Parameters<typeof call>) => {
      const answer = await call(method, path, body);
      const route = routeTable.find(
        (candidate) =>
          candidate.method === method &&
          candidate.status === answer.status &&
          pattern(candidate.path).test(`/api/v1${path.replace(/\?.*/, '')}`),
      );
      if (route === undefined) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
      expect(compileWireCheck(route.response)(answer.body)).toEqual([]);
      return answer.body;
    },
    /** Asks in the name of someone who lacks a permission from now on. */
    setPermissions: (permissions: Principal['permissions']) => {
      principal = { ...localOwner, permissions };
    },
    close: async () => {
      stop.abort();
      await running;
      await api.close();
      await connections.close();
      await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[0-9a-f-]{36}')}$`);

export type ProfileApi = Awaited<ReturnType<typeof openProfileApi>>;

/** Two datasets of people and one of events: a CRM by customer id, a shop by e-mail, orders by either. */
export async function setUpDatasets({ use }: ProfileApi) {
  await use('POST', '/identity-namespaces', { code: 'CRMID', title: 'Customer', id_type: 'CROSS_DEVICE' });
  const groups = [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.external-source-system-audit-details',
    'xdm.loyalty-details',
    'xdm.consent-and-preference-details',
  ];
  const schema = async (name: string, class_id: string, field_group_ids: string[], identities: object[]) => {
    const created = await use('POST', '/schemas', { name, class_id, field_group_ids, identities });
    return (await use('POST', '/datasets', { name, schema_id: created.schema_id })).dataset_id as string;
  };
  const email = { path: 'personalEmail.address', namespace: 'Email' };
  const crm = await schema('CRM', 'xdm.individual-profile', groups, [
    { path: 'personID', namespace: 'CRMID', primary: true },
    email,
  ]);
  const shop = await schema('Shop', 'xdm.individual-profile', groups, [{ ...email, primary: true }]);
  const orders = await schema(
    'Orders',
    'xdm.experience-event',
    ['xdm.commerce-details', 'xdm.identity-map'],
    [],
  );
  return { crm, shop, orders };
}
