import {
  findNamespace,
  type Identity,
  identitiesIn,
  identityRejections,
  invalidInput,
  normaliseIdentity,
  standardNamespaces,
} from '@headrace/core';
import { readCustomNamespaces } from '../store/dataset-contexts.ts';
import type { ApiServices } from './api-services.ts';

/**
 * The identities that a value of a request can be, as they are stored: one of a namespace, or one of each namespace
 * where none is named.
 * @param at JSON pointer to it in the request.
 * @throws HeadraceError `invalid_input`, without the value.
 */
export async function readWantedIdentities(
  { pool, defaultPhoneRegion }: ApiServices,
  wanted: { readonly namespace?: string; readonly value: string },
  at = '',
): Promise<readonly Identity[]> {
  const custom = await readCustomNamespaces(pool);
  const options = { defaultRegion: defaultPhoneRegion };
  if (wanted.namespace === undefined) {
    const identities = identitiesIn(wanted.value, [...standardNamespaces, ...custom], options);
    if (identities.length > 0) return identities;
    throw invalidInput('The value cannot be an identity of any namespace.', [
      {
        pointer: `${at}/value`,
        message: 'Expected an e-mail address, phone number, customer id or the like.',
      },
    ]);
  }
  const namespace = findNamespace(wanted.namespace, custom);
  if (namespace === undefined)
    throw invalidInput('There is no such identity namespace. GET /api/v1/identity-namespaces lists them.', [
      { pointer: `${at}/namespace`, message: 'Expected the code of an identity namespace.' },
    ]);
  const identity = normaliseIdentity(namespace, wanted.value, options);
  if (identity.ok) return [{ namespace: identity.namespace, value: identity.value }];
  const message = identityRejections[identity.reason];
  throw invalidInput(`The value cannot be an identity of ${namespace.code}. ${message}`, [
    { pointer: `${at}/value`, keyword: identity.reason, message },
  ]);
}
