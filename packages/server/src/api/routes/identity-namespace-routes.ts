import {
  type IdentityNamespace,
  identityNamespaceListWire,
  identityNamespaceWire,
  newIdentityNamespaceWire,
  standardNamespaces,
} from '@headrace/core';
import { createIdentityNamespace } from '../../catalog/identity-namespaces.ts';
import { readCustomNamespaces } from '../../store/dataset-contexts.ts';
import { defineRoute } from '../route.ts';

const tag = 'Identity namespaces';

export const identityNamespaceRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/identity-namespaces',
    operationId: 'createIdentityNamespace',
    summary: 'Create an identity namespace',
    tag,
    body: newIdentityNamespaceWire,
    status: 201,
    response: identityNamespaceWire,
    access: ['Manage Identity Namespaces'],
    audit: { action: 'identity_namespace.create', subjectType: 'identity_namespace' },
    handle: async ({ pool, now }, { body }) => {
      const namespace = { code: body.code, title: body.title.trim(), idType: body.id_type };
      await createIdentityNamespace(pool, namespace, now());
      return { body: toWire(namespace, false), subjectId: namespace.code };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/v1/identity-namespaces',
    operationId: 'listIdentityNamespaces',
    summary: 'Identity namespaces, standard ones first',
    tag,
    response: identityNamespaceListWire,
    access: ['View Identity Namespaces'],
    audit: null,
    handle: async ({ pool }) => {
      const custom = await readCustomNamespaces(pool);
      const items = [
        ...standardNamespaces.map((namespace) => toWire(namespace, true)),
        ...custom.map((namespace) => toWire(namespace, false)),
      ];
      return { body: { items } };
    },
  }),
];

const toWire = ({ code, title, idType }: IdentityNamespace, standard: boolean) => ({
  code,
  title,
  id_type: idType,
  standard,
});
