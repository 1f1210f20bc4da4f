import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { Destination } from '@headrace/core';
import { authenticateOwner } from './access/owner.ts';
import { createApi } from './api/create-api.ts';
import { Connections } from './catalog/connections.ts';
import { remergeKind } from './catalog/merge-policies.ts';
import { createSealer } from './catalog/sealer.ts';
import { type Config, readConfig } from './config/config.ts';
import { readDataFolderSecrets } from './config/data-folder-secrets.ts';
import { activateSegment, changeActivation, markMembersDue } from './delivery/activations.ts';
import { beginDataflowDeletion } from './delivery/begin-dataflow-deletion.ts';
import { createCallBudget } from './delivery/call-budget.ts';
import { CallLog } from './delivery/call-log.ts';
import { DeliveryWorker } from './delivery/delivery-worker.ts';
import { isSent, markChanges } from './delivery/mark-changes.ts';
import { resyncMembers } from './delivery/resync-members.ts';
import { verifyDataflow } from './delivery/verify-dataflow.ts';
import { createSalesforceCrmDestination } from './destinations/salesforce-crm/salesforce-crm-destination.ts';
import { createWebhookDestination } from './destinations/webhook/webhook-destination.ts';
import { BatchFiles } from './ingestion/batch-files.ts';
import { Batches } from './ingestion/batches.ts';
import { CsvMappings } from './ingestion/csv-mappings.ts';
import { DatasetRegistry } from './ingestion/dataset-registry.ts';
import { beginDatasetDeletion, deleteDatasetHandler, deleteDatasetKind } from './ingestion/delete-dataset.ts';
import { deletePerson } from './ingestion/delete-person.ts';
import { enableDataset, enableDatasetHandler, enableDatasetKind } from './ingestion/enable-dataset.ts';
import { type ExpiryListener, expireEvents } from './ingestion/expire-events.ts';
import { ingestRecords } from './ingestion/ingest-records.ts';
import { forgetOldRequests } from './ingestion/ingestion-keys.ts';
import { IdentityGraph } from './ingestion/part-identities.ts';
import { PopulationJobs } from './ingestion/population-jobs.ts';
import { RecordQueue } from './ingestion/record-queue.ts';
import { createRemerge } from './ingestion/remerge-profiles.ts';
import type { ProfileChangeListener } from './ingestion/save-profiles.ts';
import { listenForExit } from './lifecycle/exit-requests.ts';
import { explainStartFailure } from './lifecycle/explain-start-failure.ts';
import { createLog } from './monitoring/create-log.ts';
import { evaluateChanges } from './segmentation/evaluate-changes.ts';
import type { MembershipListener } from './segmentation/evaluate-due.ts';
import { evaluateExpired } from './segmentation/evaluate-expired.ts';
import { segmentHandlers } from './segmentation/segment-handlers.ts';
import { SegmentRules } from './segmentation/segment-rules.ts';
import { Segments } from './segmentation/segments.ts';
import { TimedEvaluations } from './segmentation/timed-evaluation.ts';
import { openDatabase } from './store/database.ts';
import { DatabaseClock } from './store/database-clock.ts';
import { lockDataDir } from './store/embedded/lock-data-dir.ts';
import { startEmbeddedPostgres } from './store/embedded/start-embedded-postgres.ts';
import { maintainPartitions } from './store/maintain-partitions.ts';
import { migrate } from './store/migrate.ts';

const maxConnections = 16;
const dayMs = 86_400_000;
const clockLookMs = 10_000;
/** How long requests under way may go on after the program was asked to end. */
const requestGraceMs = 2_000;

/** The composition root: the only file that sees every room. Runs until the signal aborts. */
async function run(config: Config, exit: AbortSignal): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const log = createLog(config.logLevel);
  const now = () => new Date();

  const lock = await lockDataDir(config.dataDir);
  stack.defer(() => lock.release());
  const secrets = await readDataFolderSecrets(config);
  const connection = { connectionString: config.databaseUrl ?? (await startPostgres()) };
  const pool = openDatabase({
    config: connection,
    maxConnections,
    onIdleError: (error) => log.warn({ error: error.message }, 'A database connection broke.'),
  });
  stack.defer(() => pool.end());
  const applied = await migrate(pool);
  if (applied.length > 0) log.info({ migrations: applied }, 'Database brought to the newest schema.');
  await maintainPartitions(pool, now());
  await forgetOldRequests(pool, now());

  const salesforce = createSalesforceCrmDestination({
    allowLoopback: config.allowLoopbackDestinations,
    allowedHosts: config.allowedDestinationHosts,
  });
  const webhook = createWebhookDestination({ allowLoopback: config.allowLoopbackDestinations });
  const destinations = new Map<string, Destination>(
    [salesforce, webhook].map((destination) => [destination.type, destination]),
  );
  // Calls are counted by one time: a server whose clock is ahead would make them too early.
  const clock = await DatabaseClock.open(pool);
  const ledgerNow = clock.now;
  const budgetFor = (accountId: string) =>
    createCallBudget({ pool, accountId, allowance: config.apiCallAllowance, now: ledgerNow, log });
  const callLog = new CallLog({ pool, now, log });
  const sealer = createSealer(secrets.secretKey);
  const connections = new Connections({
    pool,
    destinations,
    sealer,
    budgetFor,
    recorderFor: (accountId) => callLog.recorderFor(accountId),
    now,
    log,
  });
  stack.defer(() => connections.close());

  const delivery = new DeliveryWorker({
    pool,
    connection,
    connectionFor: (accountId) => connections.connectionFor(accountId),
    now,
    ledgerNow,
    random: Math.random,
    log,
  });
  const onCommit = () => delivery.wake();
  const onError = (error: unknown) => log.error({ err: error }, 'Background work failed; it tries again.');
  const rules = new SegmentRules();
  // Ingestion, segmentation and delivery do not know each other: here they share one transaction.
  const onChange: ProfileChangeListener = async (trx, changes, at) => {
    const memberships = await evaluateChanges(trx, changes, rules.read(trx), at);
    await markChanges(trx, memberships, changes, at);
  };
  const onMemberships: MembershipListener = (trx, memberships, at) => markChanges(trx, memberships, [], at);
  const datasets = new DatasetRegistry(config.defaultPhoneRegion);
  const queue = new RecordQueue({ pool, onChange, onCommit, now });
  const files = new BatchFiles(config.dataDir, config.importFolders);
  const batches = new Batches({ pool, datasets, files, onChange, onCommit, now, onError });
  const populationJobs = new PopulationJobs({
    pool,
    handlers: {
      [enableDatasetKind]: enableDatasetHandler({ datasets, onChange }),
      [deleteDatasetKind]: deleteDatasetHandler({ onChange }),
      [remergeKind]: createRemerge(onChange),
      ...segmentHandlers({
        rules,
        onMemberships,
        isHeard: (trx, segmentId) => isSent(trx, segmentId, now()),
      }),
    },
    onCommit,
    now,
    onError,
  });
  const segments = new Segments({
    pool,
    rules,
    now,
    wakePopulationJobs: () => populationJobs.wake(),
  });
  const timed = new TimedEvaluations({
    pool,
    rules,
    onMemberships,
    onCommit,
    now,
    wakePopulationJobs: () => populationJobs.wake(),
    onError,
  });

  const api = await createApi({
    pool,
    destinations,
    connections,
    sealer,
    budgetFor,
    apiCallAllowance: config.apiCallAllowance,
    defaultPhoneRegion: config.defaultPhoneRegion,
    now,
    people: {
      batches,
      csvMappings: new CsvMappings({ pool, datasets, now }),
      segments,
      ingestRecords: (request) => ingestRecords({ pool, datasets, queue, now }, request),
      enableDataset: (datasetId) => enableDataset({ pool, jobs: populationJobs, now }, datasetId),
      deleteDataset: (datasetId, confirmedName) =>
        beginDatasetDeletion({ pool, jobs: populationJobs, now }, datasetId, confirmedName),
      deleteDataflow: (request) => beginDataflowDeletion(pool, request, now()),
      identityGraph: new IdentityGraph({ pool, onChange, onCommit, now }),
      deletePerson: (request) => deletePerson({ pool, onChange, onCommit, now }, request),
      activateSegment: (dataflowId, segmentId, options, checkedRevision) =>
        activateSegment(pool, dataflowId, segmentId, options, now(), checkedRevision),
      changeActivation: (dataflowId, segmentId, change, checkedRevision) =>
        changeActivation(pool, dataflowId, segmentId, change, now(), checkedRevision),
      markMembersDue: (dataflowId, statuses) => markMembersDue(pool, dataflowId, statuses, now),
      resyncMembers: (dataflowId) => resyncMembers(pool, dataflowId, now),
      verifyDataflow: (dataflowId, signal) =>
        verifyDataflow(pool, (accountId) => connections.connectionFor(accountId), dataflowId, now(), signal),
      wakePopulationJobs: () => populationJobs.wake(),
      wakeDelivery: () => delivery.wake(),
      resumeDelivery: () => delivery.resume(),
    },
    authenticate: authenticateOwner(secrets.ownerToken),
    host: config.host,
    publicUrl: config.publicUrl,
    version: await readVersion(),
    log,
  });
  stack.defer(() => api.close());
  exit.addEventListener(
    'abort',
    () => {
      api.close().catch(onError);
      // An upload half-way is not waited for.
      setTimeout(() => api.server.closeAllConnections(), requestGraceMs).unref();
    },
    { once: true },
  );
  await api.listen({ host: config.host, port: config.port });
  const { port } = api.server.address() as AddressInfo;
  const url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  await lock.setUrl(url);

  const onExpired: ExpiryListener = async (trx, expired, at) =>
    onMemberships(trx, await evaluateExpired(trx, rules, expired, at), at);
  const expire = async () => {
    // What rules said while no server ran they said by events that are still there.
    await timed.caughtUp(exit);
    await expireEvents({ pool, onExpired, onCommit, now, signal: exit });
  };
  const daily = setInterval(() => maintainPartitions(pool, now()).then(expire).catch(onError), dayMs);
  stack.defer(() => clearInterval(daily));
  const looks = setInterval(() => clock.look().catch(onError), clockLookMs);
  stack.defer(() => clearInterval(looks));
  const requests = setInterval(() => forgetOldRequests(pool, now()).catch(onError), dayMs);
  stack.defer(() => clearInterval(requests));
  const workers = [
    expire().catch(onError),
    batches.run(exit),
    populationJobs.run(exit),
    timed.run(exit),
    delivery.run(exit),
    callLog.run(exit),
  ];
  process.stdout.write(`Headrace server ready: ${url}\n`);
  process.send?.({ type: 'ready', url });
  await Promise.all(workers);

  async function startPostgres(): Promise<string> {
    const postgres = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      signal: exit,
      log: (line) => log.info(line),
    });
    stack.defer(() => postgres.stop());
    return postgres.connectionString;
  }
}

/** From the package.json above this file: the server's own in the repository, the package's when packed. */
async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

const exit = listenForExit();
try {
  await run(readConfig(process.env, process.cwd()), exit);
  process.exit(0);
} catch (error) {
  // Asked to end while it was still starting.
  if (exit.aborted) process.exit(0);
  process.stderr.write(`${explainStartFailure(error)}\n`);
  process.exit(1);
}
