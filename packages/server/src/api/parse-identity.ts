import {
  findNamespace,
  type Identity,
  identityRejections,
  invalidInput,
  normaliseIdentity,
} from '@headrace/core';
import { readCustomNamespaces } from '../store/dataset-contexts.ts';
import type { ApiServices } from './api-services.ts';

/**
 * An identity as a person wrote it, in the form it is stored.
 * @param at JSON pointer to it.
 * @throws HeadraceError `invalid_input` that does not repeat the value.
 */
export async function parseIdentity(
  { pool, defaultPhoneRegion }: Pick<ApiServices, 'pool' | 'defaultPhoneRegion'>,
  written: { readonly namespace: string; readonly value: string },
  at = '',
): Promise<Identity> {
  const namespace = findNamespace(written.namespace, await readCustomNamespaces(pool));
  if (namespace === undefined)
    throw invalidInput('There is no such identity namespace. GET /api/v1/identity-namespaces lists them.', [
      { pointer: `${at}/namespace`, message: 'Expected the code of an identity namespace.' },
    ]);
  const identity = normaliseIdentity(namespace, written.value, { defaultRegion: defaultPhoneRegion });
  if (identity.ok) return { namespace: identity.namespace, value: identity.value };
  const message = identityRejections[identity.reason];
  throw invalidInput(`The value cannot be an identity of ${namespace.code}. ${message}`, [
    { pointer: `${at}/value`, keyword: identity.reason, message },
  ]);
}
