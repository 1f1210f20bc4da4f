import {
  datasetListWire,
  datasetWire,
  identityNamespaceListWire,
  identityNamespaceWire,
  invalidInput,
  schemaListWire,
  schemaWire,
  type Wire,
} from '@headrace/core';
import type { ApiClient } from '../api-client.ts';
import { findOrCreate } from './find-or-create.ts';
import type { DatasetDeclaration, Workspace } from './workspace.ts';

/** A dataset that exists, with what is to be loaded into it. */
export type ReadyDataset = {
  readonly dataset: Wire<typeof datasetWire>;
  readonly declaration: DatasetDeclaration;
};

/** Makes the namespaces, schemas and datasets that are not there yet. */
export const setUpDatasets = async (
  api: ApiClient,
  workspace: Workspace,
): Promise<readonly ReadyDataset[]> => {
  for (const namespace of workspace.namespaces)
    await findOrCreate(
      async () =>
        (
          await api.send({ method: 'GET', path: '/identity-namespaces', answer: identityNamespaceListWire })
        ).items.find(({ code }) => code.toLowerCase() === namespace.code.toLowerCase()),
      () =>
        api.send({
          method: 'POST',
          path: '/identity-namespaces',
          body: namespace,
          answer: identityNamespaceWire,
        }),
    );

  const schemaIds = new Map<string, string>();
  for (const schema of workspace.schemas) {
    const { value } = await findOrCreate(
      async () =>
        (await api.send({ method: 'GET', path: '/schemas', answer: schemaListWire })).items.find(
          ({ name }) => name === schema.name,
        ),
      () => api.send({ method: 'POST', path: '/schemas', body: schema, answer: schemaWire }),
    );
    schemaIds.set(value.name, value.schema_id);
  }

  const ready: ReadyDataset[] = [];
  for (const declaration of workspace.datasets) {
    const schemaId = schemaIds.get(declaration.schema);
    if (schemaId === undefined)
      throw invalidInput(
        `The dataset ${JSON.stringify(declaration.name)} names the schema ${JSON.stringify(declaration.schema)}, ` +
          'which the workspace does not declare.',
      );
    const { value } = await findOrCreate(
      async () =>
        (await api.send({ method: 'GET', path: '/datasets', answer: datasetListWire })).items.find(
          ({ name }) => name === declaration.name,
        ),
      () =>
        api.send({
          method: 'POST',
          path: '/datasets',
          body: { name: declaration.name, schema_id: schemaId },
          answer: datasetWire,
        }),
    );
    ready.push({ dataset: value, declaration });
  }
  return ready;
};
