import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  invalidInput,
  type MappingWire,
  type NewIdentityNamespaceWire,
  type NewSchemaWire,
  newIdentityNamespaceWire,
  newSchemaWire,
  newSegmentWire,
  type Wire,
} from '@headrace/core';
import { readWire } from '../read-wire.ts';
import { readJsonText } from './json-reader.ts';

/** A workspace to set up, with files to load; things refer to each other by name. */
export type Workspace = {
  readonly namespaces: readonly NewIdentityNamespaceWire[];
  readonly schemas: readonly NewSchemaWire[];
  readonly datasets: readonly DatasetDeclaration[];
  readonly segments: readonly Wire<typeof newSegmentWire>[];
  readonly account: {
    readonly name: string;
    readonly destinationType: string;
    readonly authentication: string;
    /** Account fields beside the credentials of the emulated org. */
    readonly values: Readonly<Record<string, string>>;
  };
  readonly dataflow: { readonly name: string; readonly description: string; readonly mapping: MappingWire };
  /** Names of the segments to activate. */
  readonly activate: readonly string[];
};

export type DatasetDeclaration = {
  readonly name: string;
  /** Name of its schema. */
  readonly schema: string;
  /** Path of the CSV file. */
  readonly file: string;
  readonly mapping: Readonly<Record<string, unknown>>;
};

/** Reads `workspace.json` of a folder and the mappings it names. Throws `invalid_input` for what is wrong in it. */
export const readWorkspace = async (folder: string): Promise<Workspace> => {
  const path = join(folder, 'workspace.json');
  const root = readJsonText(await readFile(path, 'utf8'), path);
  const dataflow = root.member('dataflow');
  const account = root.member('account');
  return {
    namespaces: root
      .member('namespaces')
      .list()
      .map(({ value, where }) => readWire(newIdentityNamespaceWire, value, where)),
    schemas: root
      .member('schemas')
      .list()
      .map(({ value, where }) => readWire(newSchemaWire, value, where)),
    datasets: await Promise.all(
      root
        .member('datasets')
        .list()
        .map(async (dataset) => {
          const mappingPath = join(folder, dataset.member('mapping').text());
          const mapping: unknown = readJsonText(await readFile(mappingPath, 'utf8'), mappingPath).value;
          if (typeof mapping !== 'object' || mapping === null)
            throw invalidInput(`${mappingPath} is no object.`);
          return {
            name: dataset.member('name').text(),
            schema: dataset.member('schema').text(),
            file: join(folder, dataset.member('file').text()),
            mapping: { ...mapping },
          };
        }),
    ),
    segments: root
      .member('segments')
      .list()
      .map(({ value, where }) => readWire(newSegmentWire, value, where)),
    account: {
      name: account.member('name').text(),
      destinationType: account.member('destination_type').text(),
      authentication: account.member('authentication').text(),
      values: account.member('values').texts(),
    },
    dataflow: {
      name: dataflow.member('name').text(),
      description: dataflow.member('description').text(),
      mapping: Object.entries(dataflow.member('mapping').texts()).map(([target, attribute]) => ({
        source: { attribute },
        target,
      })),
    },
    activate: root
      .member('activate')
      .list()
      .map((name) => name.text()),
  };
};

/** What signs in to the emulated org: the first user and connected app of its definition. */
export type OrgCredentials = Readonly<
  Record<'username' | 'password' | 'security_token' | 'client_id' | 'client_secret', string>
>;

/** Reads the credentials from the definition that the emulator is started with. */
export const readOrgCredentials = async (path: string): Promise<OrgCredentials> => {
  const root = readJsonText(await readFile(path, 'utf8'), path);
  const [user] = root.member('users').list();
  const [app] = root.member('connectedApps').list();
  if (user === undefined || app === undefined)
    throw invalidInput(`${path}: expected a user and a connected app.`);
  return {
    username: user.member('username').text(),
    password: user.member('password').text(),
    security_token: user.member('securityToken').text(),
    client_id: app.member('clientId').text(),
    client_secret: app.member('clientSecret').text(),
  };
};
