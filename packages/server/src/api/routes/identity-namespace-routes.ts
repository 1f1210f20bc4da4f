import {
  describeNormalisation,
  type IdentityNamespace,
  identityNamespaceChangeWire,
  identityNamespaceListWire,
  identityNamespaceWire,
  newIdentityNamespaceWire,
  standardNamespaces,
  wireObject,
  wireText,
} from '@headrace/core';
import {
  createIdentityNamespace,
  refuseDeletion,
  renameIdentityNamespace,
} from '../../catalog/identity-namespaces.ts';
import { readCustomNamespaces } from '../../store/dataset-contexts.ts';
import { defineRoute } from '../route.ts';

const tag = 'Identity namespaces';
const params = wireObject({ code: wireText('Of the identity namespace, whatever its case.', 50) });

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
      return { body: toWire(namespace), subjectId: namespace.code };
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
    handle: async ({ pool }) => ({
      body: { items: [...standardNamespaces, ...(await readCustomNamespaces(pool))].map(toWire) },
    }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/v1/identity-namespaces/:code',
    operationId: 'renameIdentityNamespace',
    summary: 'Give an identity namespace another title; code and type stay',
    tag,
    params,
    body: identityNamespaceChangeWire,
    response: identityNamespaceWire,
    access: ['Manage Identity Namespaces'],
    audit: { action: 'identity_namespace.rename', subjectType: 'identity_namespace' },
    handle: async ({ pool }, { params: { code }, body }) => {
      const namespace = await renameIdentityNamespace(pool, code, body.title.trim());
      return { body: toWire(namespace), subjectId: namespace.code };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/v1/identity-namespaces/:code',
    operationId: 'deleteIdentityNamespace',
    summary: 'Always refused, with the reason: identity namespaces stay',
    tag,
    params,
    response: identityNamespaceWire,
    access: ['Manage Identity Namespaces'],
    audit: null,
    handle: ({ pool }, { params: { code } }) => refuseDeletion(pool, code),
  }),
];

const toWire = (namespace: IdentityNamespace) => ({
  code: namespace.code,
  title: namespace.title,
  id_type: namespace.idType,
  standard: standardNamespaces.includes(namespace),
  normalisation: describeNormalisation(namespace),
});
