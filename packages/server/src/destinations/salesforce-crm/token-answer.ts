import { HeadraceError } from '@headrace/core';
import { parseJson } from '../http/parse-json.ts';
import { type CallFacts, classifyStrangeAnswer } from './classify-failure.ts';

export type TokenAnswer = {
  readonly accessToken: string;
  readonly instanceUrl: string;
  /** 18 characters. */
  readonly organizationId: string;
};

/**
 * Reads what the token endpoint answered with 200: `{"access_token", "instance_url", "id"}`, where `id` ends in
 * `/<organization>/<user>`. Source: Salesforce Help, "OAuth 2.0 Username-Password Flow".
 * @throws HeadraceError `destination_unavailable` when it is something else.
 */
export function readTokenAnswer(text: string, facts: CallFacts): TokenAnswer {
  const answer = parseObject(text);
  const [accessToken, instanceUrl, id] = ['access_token', 'instance_url', 'id'].map((key) =>
    readText(answer, key),
  );
  const [, organizationId] = /\/(00D\w{15})\/005\w{15}$/.exec(id ?? '') ?? [];
  // What goes into a header must be visible ASCII, or a hostile answer could add headers.
  if (!accessToken || !/^[!-~]{1,4096}$/.test(accessToken) || !instanceUrl || !organizationId)
    throw classifyStrangeAnswer(facts, 'without a token, address and identity as Salesforce gives them');
  return { accessToken, instanceUrl, organizationId };
}

const denied =
  'Check username, password and, unless this server has a trusted address in the org, the security token at the end of the password. The org may also block this way to sign in, with the same answer (Setup > OAuth and OpenID Connect Settings > Allow OAuth Username-Password Flows; the Login History of the user then says so), or the user may be locked out.';

/** What to do, by error code and, within `invalid_grant`, by Salesforce's fixed description. */
const remedies = new Map(
  Object.entries({
    'invalid_grant authentication failure': denied,
    'invalid_grant ip restricted':
      'The profile of the user does not allow the address of this server: add it in Salesforce (Setup > Profiles > Login IP Ranges).',
    'invalid_grant ip restricted or invalid login hours':
      'The profile of the user does not allow the address of this server, or not at this hour (Setup > Profiles > Login IP Ranges, Login Hours).',
    'invalid_grant inactive user': 'Activate the user in Salesforce or sign in as another.',
    'invalid_grant inactive organization': 'The org is not active.',
    invalid_grant: denied,
    inactive_user: 'Activate the user in Salesforce or sign in as another.',
    inactive_org: 'The org is not active.',
    invalid_client_id:
      'Check the Client ID: it is the Consumer Key of the connected app, in the org that the Custom Domain leads to. A new connected app takes about 10 minutes to work.',
    invalid_client:
      'Check the Client Secret: it is the Consumer Secret of the connected app (Setup > App Manager > View > Manage Consumer Details).',
    invalid_client_credentials:
      'Check the Client Secret: it is the Consumer Secret of the connected app (Setup > App Manager > View > Manage Consumer Details).',
    unsupported_grant_type:
      'The org or app does not allow signing in with username and password: use a connected app (not an external client app) and allow it in Setup > OAuth and OpenID Connect Settings.',
    unauthorized_client: 'The connected app does not allow this way to sign in, or not for this user.',
    invalid_app_access: 'The connected app does not admit this user: assign it in its policies.',
    invalid_scope: 'Select the scope "Manage user data via APIs (api)" in the connected app.',
  }),
);

/**
 * Turns a refused sign-in into an error that says what to correct. Classified by the OAuth error code; the
 * description is quoted as Salesforce gave it, without anything secret.
 * Source: Salesforce Help, "OAuth 2.0 Authorization Errors".
 */
export function classifyTokenRefusal(
  answer: { readonly status: number; readonly text: string },
  facts: CallFacts,
  secrets: readonly string[],
): HeadraceError {
  const body = parseObject(answer.text);
  const error = readText(body, 'error');
  if (error === undefined || !/^[a-z][a-z_]{0,59}$/.test(error))
    return classifyStrangeAnswer(
      facts,
      `${answer.status}, not in the form of Salesforce${answer.status >= 300 && answer.status < 400 ? ' (it redirects elsewhere, which is not followed: use the address it leads to as Custom Domain)' : ''}`,
    );
  const description = redact(readText(body, 'error_description') ?? '', secrets);
  const said = `Salesforce (${facts.host}) refused the sign-in with ${error}${description === '' ? '' : `: "${description}"`}.`;
  if (answer.status >= 500) return new HeadraceError('destination_unavailable', said);
  if (error === 'rate_limit_exceeded')
    return new HeadraceError(
      'destination_rate_limited',
      `${said} The user signed in too often within the hour.`,
      { retryAfterMs: 15 * 60_000 },
    );
  if (error === 'invalid_request' || error === 'redirect_uri_mismatch')
    return new HeadraceError('destination_request_rejected', said);
  const remedy = remedies.get(`${error} ${description}`) ?? remedies.get(error) ?? 'Check the account.';
  return new HeadraceError('destination_authentication_rejected', `${said} ${remedy}`);
}

const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
    .replace(/[^\x20-\x7e\u00a0-\u024f]/g, ' ')
    .slice(0, 200)
    .trim();

function parseObject(text: string): object {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null ? value : {};
}

function readText(object: object, key: string): string | undefined {
  const value: unknown = Object.entries(object).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}
