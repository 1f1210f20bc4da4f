import {
  accountCredentialsWire,
  browserSignInWire,
  newAccountWire,
  type Principal,
  type Wire,
  wireId,
  wireObject,
} from '@headrace/core';
import { beginBrowserSignIn, type SignInPurpose } from '../../catalog/browser-sign-ins.ts';
import type { ApiServices } from '../api-services.ts';
import { redirectUrlOf } from '../redirect-url.ts';
import { defineRoute } from '../route.ts';

const tag = 'Accounts';
const access = ['Manage Destinations'] as const;

export const browserSignInRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/v1/accounts/browser-sign-ins',
    operationId: 'beginBrowserSignIn',
    summary: 'Begin to sign in in a browser; the account is there when the browser is back',
    tag,
    body: newAccountWire,
    status: 201,
    response: browserSignInWire,
    access,
    audit: { action: 'account.begin_sign_in', subjectType: 'account' },
    handle: async (services, { body, origin, principal }) => {
      const { destination_type: destinationType, name, authentication, values } = body;
      const purpose = { destinationType, name, authentication };
      const begun = await begin(services, purpose, values, origin, principal);
      return { ...begun, facts: { name, destination_type: destinationType } };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/v1/accounts/:account_id/browser-sign-ins',
    operationId: 'beginBrowserSignInAgain',
    summary: 'Begin to sign in in a browser; the account has new credentials when the browser is back',
    tag,
    params: wireObject({ account_id: wireId('Of the account.') }),
    body: accountCredentialsWire,
    status: 201,
    response: browserSignInWire,
    access,
    audit: { action: 'account.begin_sign_in_again', subjectType: 'account' },
    handle: async (services, { params: { account_id: accountId }, body, origin, principal }) => {
      const { authentication, values } = body;
      return begin(services, { accountId, authentication }, values, origin, principal);
    },
  }),
];

async function begin(
  { accounts, publicUrl }: ApiServices,
  purpose: SignInPurpose,
  values: Readonly<Record<string, string>>,
  origin: string,
  principal: Principal | undefined,
): Promise<{ readonly body: Wire<typeof browserSignInWire>; readonly subjectId: string }> {
  const redirectUrl = redirectUrlOf(publicUrl, origin);
  const way = { redirectUrl, principalId: principal?.id ?? '' };
  const { accountId, url, expiresAt } = await beginBrowserSignIn(accounts, purpose, values, way);
  const body = { url, redirect_url: redirectUrl, expires_at: expiresAt.toISOString() };
  return { body, subjectId: accountId };
}
