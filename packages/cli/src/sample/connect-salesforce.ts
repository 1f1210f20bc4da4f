import {
  type AccountWire,
  accountListWire,
  accountWire,
  activationListWire,
  type DataflowWire,
  dataflowListWire,
  dataflowWire,
  invalidInput,
  type SegmentWire,
  type Wire,
} from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { formatCount } from '../terminal/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { findOrCreate } from './find-or-create.ts';
import type { OrgCredentials, Workspace } from './workspace.ts';

/** Signs in to the org with the account of the workspace, made when it is not there. */
export const connectAccount = async (
  api: ApiClient,
  workspace: Workspace,
  credentials: OrgCredentials,
  customDomain: string,
  terminal: Terminal,
): Promise<AccountWire> => {
  const { name, destinationType, authentication } = workspace.account;
  const values = { ...workspace.account.values, ...credentials, custom_domain: customDomain };
  const { value, isNew } = await findOrCreate(
    async () =>
      (await api.send({ method: 'GET', path: '/accounts', answer: accountListWire })).items.find(
        (account) => account.name === name,
      ),
    () =>
      api.send({
        method: 'POST',
        path: '/accounts',
        body: { destination_type: destinationType, name, authentication, values },
        answer: accountWire,
      }),
  );
  const account = isNew ? value : await reconnect(api, value, values);
  showReport(account, terminal);
  return account;
};

/** Signs in afresh, which also ends a stop of its dataflows; with new values when the org has moved. */
const reconnect = (
  api: ApiClient,
  { account_id, settings }: AccountWire,
  values: Readonly<Record<string, string>> & { readonly custom_domain: string },
): Promise<AccountWire> => {
  const path = `/accounts/${account_id}`;
  return settings.custom_domain === values.custom_domain
    ? api.send({ method: 'POST', path: `${path}/test`, answer: accountWire })
    : api.send({ method: 'PUT', path: `${path}/credentials`, body: { values }, answer: accountWire });
};

const showReport = ({ report, name }: AccountWire, terminal: Terminal): void => {
  if (report === null) {
    terminal.line(`  ${name}`);
    return;
  }
  terminal.line(
    `  Connected to ${report.organization_name} (${report.organization_id}) at ${report.instance_url} ` +
      `as ${report.username}, API ${report.api_version}, ` +
      `${formatCount(report.calls_used)} of ${formatCount(report.calls_allowed)} API calls used`,
  );
  for (const warning of report.warnings) terminal.line(terminal.style('faint', `    Note: ${warning}`));
};

/** Makes the dataflow unless it is there. */
export const setUpDataflow = async (
  api: ApiClient,
  workspace: Workspace,
  accountId: string,
): Promise<DataflowWire> => {
  const { value } = await findOrCreate(
    async () =>
      (await api.send({ method: 'GET', path: '/dataflows', answer: dataflowListWire })).items.find(
        ({ name }) => name === workspace.dataflow.name,
      ),
    () =>
      api.send({
        method: 'POST',
        path: '/dataflows',
        body: { account_id: accountId, ...workspace.dataflow },
        answer: dataflowWire,
      }),
  );
  return value;
};

/** Activates the declared segments that are not activated yet. */
export const activateSegments = async (
  api: ApiClient,
  workspace: Workspace,
  dataflowId: string,
  segments: readonly SegmentWire[],
): Promise<void> => {
  const path = `/dataflows/${dataflowId}/activations`;
  for (const name of workspace.activate) {
    const segmentId = segments.find((segment) => segment.name === name)?.segment_id;
    if (segmentId === undefined)
      throw invalidInput(`The workspace activates ${JSON.stringify(name)}, which is none of its segments.`);
    await findOrCreate(
      async () =>
        findActivation(await api.send({ method: 'GET', path, answer: activationListWire }), segmentId),
      async () =>
        findActivation(
          await api.send({
            method: 'POST',
            path,
            body: { segment_id: segmentId },
            answer: activationListWire,
          }),
          segmentId,
        ),
    );
  }
};

const findActivation = ({ items }: Wire<typeof activationListWire>, segmentId: string) =>
  items.find(({ segment_id }) => segment_id === segmentId);
