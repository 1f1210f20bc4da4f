import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  compileWireCheck,
  type Destination,
  type DestinationPorts,
  type Principal,
  type TargetField,
} from '@headrace/core';
import { createDatabase, MemoryOrg } from '@headrace/testkit';
import { pino } from 'pino';
import { expect } from 'vitest';
import { authenticateOwner, localOwner } from '../access/owner.ts';
import { Connections } from '../catalog/connections.ts';
import { remergeKind } from '../catalog/merge-policies.ts';
import { createSealer } from '../catalog/sealer.ts';
import { activateSegment, changeActivation, markMembersDue } from '../delivery/activations.ts';
import { beginDataflowDeletion } from '../delivery/begin-dataflow-deletion.ts';
import { createCallBudget } from '../delivery/call-budget.ts';
import { CallLog } from '../delivery/call-log.ts';
import { DeliveryWorker } from '../delivery/delivery-worker.ts';
import { isSent, markChanges } from '../delivery/mark-changes.ts';
import { resyncMembers } from '../delivery/resync-members.ts';
import { verifyDataflow } from '../delivery/verify-dataflow.ts';
import { BatchFiles } from '../ingestion/batch-files.ts';
import { Batches } from '../ingestion/batches.ts';
import { CsvMappings } from '../ingestion/csv-mappings.ts';
import { DatasetRegistry } from '../ingestion/dataset-registry.ts';
import {
  beginDatasetDeletion,
  deleteDatasetHandler,
  deleteDatasetKind,
} from '../ingestion/delete-dataset.ts';
import { deletePerson } from '../ingestion/delete-person.ts';
import { enableDataset, enableDatasetHandler, enableDatasetKind } from '../ingestion/enable-dataset.ts';
import { ingestRecords } from '../ingestion/ingest-records.ts';
import { IdentityGraph } from '../ingestion/part-identities.ts';
import { PopulationJobs } from '../ingestion/population-jobs.ts';
import { RecordQueue } from '../ingestion/record-queue.ts';
import { createRemerge } from '../ingestion/remerge-profiles.ts';
import type { ProfileChangeListener } from '../ingestion/save-profiles.ts';
import { evaluateChanges } from '../segmentation/evaluate-changes.ts';
import { segmentHandlers } from '../segmentation/segment-handlers.ts';
import { SegmentRules } from '../segmentation/segment-rules.ts';
import { Segments } from '../segmentation/segments.ts';
import { createApi } from './create-api.ts';
import { routeTable } from './route-table.ts';

export const token = 'owner-token-of-the-test';
const now = () => new Date();

const targets = ['email', 'lastName'].map(
  (name): TargetField => ({
    name,
    title: name,
    field: name,
    type: 'string',
    maxLength: null,
    required: true,
    matchKey: name === 'email',
  }),
);

/** Signs in with one call, when the password is right. */
const destinationOf = (org: MemoryOrg): Destination => ({
  type: 'memory',
  title: 'Memory',
  description: 'Keeps records in memory.',
  category: 'CRM',
  connectionType: 'Profile-based',
  frequency: 'Streaming',
  authentications: [
    {
      type: 'password',
      title: 'Password',
      fields: [
        { name: 'username', title: 'Username', description: 'Any.', required: true, secret: false },
        { name: 'password', title: 'Password', description: 'A good one.', required: true, secret: true },
      ],
    },
    { type: 'browser', title: 'In the browser', inBrowser: true, fields: [] },
  ],
  browserSignIn: {
    begin: (_account, { state }) => ({ url: `https://memory.example/authorize?state=${state}`, kept: {} }),
    finish: async () => ({ password: 'open sesame' }),
  },
  detailFields: [],
  maxBatchRecords: 200,
  tellsMemberships: () => false,
  connect: ({ values }, ports: DestinationPorts) => ({
    maxBatchRecords: org.maxBatchRecords,
    lostCallMs: org.lostCallMs,
    canRead: org.canRead,
    recordIdsFollowKeys: org.recordIdsFollowKeys,
    test: async () => {
      await ports.budget.reserve('sign_in');
      org.isPasswordRight = values.password === 'open sesame';
      return org.test();
    },
    probe: org.probe.bind(org),
    targetFields: async () => targets,
    prepare: org.prepare.bind(org),
    prepareMemberships: org.prepareMemberships.bind(org),
    checkMemberships: org.checkMemberships.bind(org),
    ensureList: org.ensureList.bind(org),
    deliver: async (batch) => {
      const call = {
        purpose: 'deliver',
        startedAt: now(),
        durationMs: 1,
        method: 'POST',
        path: '/people',
      } as const;
      const size = { requestBytes: 10, responseBytes: 20, records: batch.items.length, usage: null };
      try {
        const outcomes = await org.deliver(batch);
        ports.calls.record({ ...call, ...size, status: 200, wasSent: true, code: null });
        return outcomes;
      } catch (error) {
        ports.calls.record({ ...call, ...size, status: 503, wasSent: true, code: 'BUSY' });
        throw error;
      }
    },
    read: org.read.bind(org),
    remove: org.remove.bind(org),
    close: org.close.bind(org),
  }),
});

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * The API with everything behind it, on a database of its own, called without a socket. Background work runs
 * until `stop`.
 *
 * @param options.runsJobs false leaves population jobs to the test, which can stop them half-way.
 * @param options.destinations those of the catalog, beside the one in memory.
 */
export async function startApi(
  options: { readonly runsJobs?: boolean; readonly destinations?: readonly Destination[] } = {},
) {
  const { runsJobs = true, destinations: others = [] } = options;
  const database = await createDatabase();
  const org = new MemoryOrg();
  const logged: string[] = [];
  const signal = new AbortController();
  /** What the API knows the caller as, when the token is right. */
  let principal: Principal = localOwner;
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-api-'));
  const { pool } = database;
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const onError = (error: unknown) => log.error({ err: error }, 'Background work failed.');
  const destinations = new Map(
    [destinationOf(org), ...others].map((destination) => [destination.type, destination]),
  );
  const sealer = createSealer(Buffer.alloc(32, 3));
  const budgetFor = (accountId: string) => createCallBudget({ pool, accountId, allowance: 100, now, log });
  const callLog = new CallLog({ pool, now, log });
  const recorderFor = (accountId: string) => callLog.recorderFor(accountId);
  const connections = new Connections({ pool, destinations, sealer, budgetFor, recorderFor, now, log });
  const connectionFor = (accountId: string) => connections.connectionFor(accountId);
  const connection = { connectionString: database.url };
  const delivery = new DeliveryWorker({ pool, connection, connectionFor, now, random: Math.random, log });
  const onCommit = () => delivery.wake();
  const rules = new SegmentRules();
  const onChange: ProfileChangeListener = async (trx, changes, at) => {
    const memberships = await evaluateChanges(trx, changes, rules.read(trx), at);
    await markChanges(trx, memberships, changes, at);
  };
  const datasets = new DatasetRegistry('US');
  const queue = new RecordQueue({ pool, onChange, onCommit, now });
  const importFolder = join(dataDir, 'import');
  await mkdir(importFolder);
  const files = new BatchFiles(dataDir, [importFolder]);
  const batches = new Batches({ pool, datasets, files, onChange, onCommit, now, onError });
  const segments = new Segments({
    pool,
    rules,
    now,
    wakePopulationJobs: () => populationJobs.wake(),
  });
  let onJobCommit = (): void => undefined;
  const populationJobs = new PopulationJobs({
    pool,
    handlers: {
      [enableDatasetKind]: enableDatasetHandler({ datasets, onChange }),
      [deleteDatasetKind]: deleteDatasetHandler({ onChange }),
      [remergeKind]: createRemerge(onChange),
      ...segmentHandlers({
        isHeard: (trx, segmentId) => isSent(trx, segmentId, now()),
        rules,
        onMemberships: (trx, memberships, at) => markChanges(trx, memberships, [], at),
      }),
    },
    onCommit: () => {
      onCommit();
      onJobCommit();
    },
    now,
    onError,
  });
  const owner = authenticateOwner(token);
  const api = await createApi({
    pool,
    people: {
      ingestRecords: (request) => ingestRecords({ pool, datasets, queue, now }, request),
      enableDataset: (datasetId) => enableDataset({ pool, jobs: populationJobs, now }, datasetId),
      deleteDataset: (datasetId, name) =>
        beginDatasetDeletion({ pool, jobs: populationJobs, now }, datasetId, name),
      batches,
      csvMappings: new CsvMappings({ pool, datasets, now }),
      segments,
      deleteDataflow: (request) => beginDataflowDeletion(pool, request, now()),
      identityGraph: new IdentityGraph({ pool, onChange, onCommit, now }),
      deletePerson: (request) => deletePerson({ pool, onChange, onCommit, now }, request),
      activateSegment: (dataflowId, segmentId, options, checkedRevision) =>
        activateSegment(pool, dataflowId, segmentId, options, now(), checkedRevision),
      changeActivation: (dataflowId, segmentId, change, checkedRevision) =>
        changeActivation(pool, dataflowId, segmentId, change, now(), checkedRevision),
      markMembersDue: (dataflowId, statuses) => markMembersDue(pool, dataflowId, statuses, now),
      resyncMembers: (dataflowId) => resyncMembers(pool, dataflowId, now),
      verifyDataflow: (dataflowId, stop) => verifyDataflow(pool, connectionFor, dataflowId, now(), stop),
      wakePopulationJobs: () => populationJobs.wake(),
      wakeDelivery: () => delivery.wake(),
      resumeDelivery: () => delivery.resume(),
    },
    destinations,
    connections,
    sealer,
    budgetFor,
    apiCallAllowance: 100,
    defaultPhoneRegion: 'US',
    publicUrl: undefined,
    now,
    authenticate: (authorization) => owner(authorization) && principal,
    host: '127.0.0.1',
    version: '0.0.0',
    log,
  });
  const working = Promise.all([
    batches.run(signal.signal),
    runsJobs && populationJobs.run(signal.signal),
    delivery.run(signal.signal),
    callLog.run(signal.signal),
  ]);

  const call = async (method: Method, url: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await api.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { payload: body }),
    });
    return { status: response.statusCode, body: response.json() };
  };

  return {
    api,
    database,
    org,
    /** Batches may be imported from it. */
    importFolder,
    logged,
    populationJobs,
    /** After each step of a population job. */
    hearJobCommits: (listener: () => void) => {
      onJobCommit = listener;
    },
    call,
    /** Calls a route that has to succeed, and checks its answer against what the contract promises. */
    use: async (method: Method, url: string, body?: object, headers?: Record<string, string>) => {
      const answer = await call(method, url, body, headers);
      const path = url.replace(/\?.*/, '');
      const route = routeTable.find(
        (candidate) =>
          candidate.method === method &&
          new RegExp(`^${candidate.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path) &&
          candidate.status === answer.status,
      );
      if (route === undefined)
        throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
      expect(compileWireCheck(route.response)(answer.body)).toEqual([]);
      return answer.body;
    },
    actAs: (other: Principal) => {
      principal = other;
    },
    stop: async () => {
      signal.abort();
      await working;
      await api.close();
      await connections.close();
      await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Waits until it holds, at most 15 s. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('It did not come to hold within 15 s.');
    await delay(50);
  }
}
