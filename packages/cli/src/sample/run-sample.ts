import { readFile } from 'node:fs/promises';
import { createApiClient } from '../api-client.ts';
import type { DataFolder } from '../programs/data-folder.ts';
import type { ProgramEntries } from '../programs/entries.ts';
import { formatCount, formatDuration } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { awaitDelivery } from './await-delivery.ts';
import { activateSegments, connectAccount, setUpDataflow } from './connect-salesforce.ts';
import { loadFile } from './load-file.ts';
import { countDueChanges, hasPending, readApiCalls, readSummary } from './read-summary.ts';
import { setUpDatasets } from './set-up-datasets.ts';
import { setUpSegments } from './set-up-segments.ts';
import { findDisagreements, renderReasons, renderSegments, type Summary } from './summary.ts';
import { findSampleMember, type SampleMember } from './try-it.ts';
import { readOrgCredentials, readWorkspace } from './workspace.ts';

export type SampleOptions = {
  readonly serverUrl: string;
  readonly emulatorUrl: string;
  readonly folder: DataFolder;
  readonly entries: ProgramEntries;
  readonly terminal: Terminal;
};

export type SampleResult = {
  /** Whether all numbers of the summary agree. */
  readonly agrees: boolean;
  /** Somebody to change by hand. */
  readonly member: SampleMember | undefined;
};

/**
 * The sample job: sets the workspace up as far as it is not there yet, loads its files, delivers a segment to
 * the emulated org, reads the org back, and prints what came of it. Every step is a request that anyone with a
 * token can make; doing it again changes nothing.
 *
 * @throws HeadraceError with the server's message for the first step that it refuses
 */
export const runSample = async (options: SampleOptions, signal: AbortSignal): Promise<SampleResult> => {
  const { terminal, folder, entries, emulatorUrl } = options;
  const startedAt = performance.now();
  const token = (await readFile(folder.ownerTokenFile, 'utf8')).trim();
  const api = createApiClient(options.serverUrl, token, signal);
  const workspace = await readWorkspace(entries.examples);
  const credentials = await readOrgCredentials(entries.emulatedOrg);
  const step = (title: string): void => terminal.line(terminal.style('heading', title));

  step('Loading profiles');
  const datasets = await setUpDatasets(api, workspace);
  for (const dataset of datasets) await loadFile(api, dataset, terminal, signal);

  step('Evaluating segments');
  const segments = await setUpSegments(api, workspace, terminal, signal);

  step('Connecting to Salesforce');
  const account = await connectAccount(api, workspace, credentials, emulatorUrl, terminal);
  const { dataflow_id: dataflowId } = await setUpDataflow(api, workspace, account.account_id);
  const dueBefore = (await hasPending(api, dataflowId)) ? undefined : await countDueChanges(api, dataflowId);

  step(`Activating ${workspace.activate.join(', ')}`);
  await activateSegments(api, workspace, dataflowId, segments);
  await awaitDelivery(api, dataflowId, terminal, signal);
  if (dueBefore === (await countDueChanges(api, dataflowId)))
    terminal.line('  Nothing was due: Salesforce holds everything already, and nothing in it was changed.');

  step('Reading Salesforce back');
  const summary = await readSummary(api, dataflowId, segments);
  const calls = await readApiCalls(api, account.account_id);
  showSummary(summary, terminal);
  const purposes = calls.by_purpose.map(({ purpose, calls: made }) => `${formatCount(made)} ${purpose}`);
  terminal.line(
    `API calls in the last 24 hours: ${formatCount(calls.total)} of ${formatCount(calls.allowance)} (${purposes.join(', ')})`,
  );
  terminal.line(`Time: ${formatDuration(performance.now() - startedAt)}`);
  const disagreements = findDisagreements(summary);
  for (const disagreement of disagreements)
    terminal.line(terminal.style('bad', `Does not add up: ${disagreement}`));

  const customers = datasets[0]?.dataset.dataset_id;
  return {
    agrees: disagreements.length === 0,
    member: customers === undefined ? undefined : await findSampleMember(api, dataflowId, customers),
  };
};

const showSummary = (summary: Summary, terminal: Terminal): void => {
  terminal.line();
  terminal.line(renderSegments(summary.segments, terminal.width));
  const reasons = renderReasons(summary.dataflow.reasons, terminal.width);
  if (reasons !== undefined) terminal.line(reasons);
};
