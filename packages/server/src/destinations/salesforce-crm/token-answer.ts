import { HeadraceError } from '@headrace/core';
import { parseJson } from '../http/parse-json.ts';
import { type CallFacts, classifyStrangeAnswer } from './classify-failure.ts';

export type TokenAnswer = {
  readonly accessToken: string;
  readonly instanceUrl: string;
  /** 18 characters. */
  readonly organizationId: string;
  /** What the session may do; null where it was not told, as with username and password. */
  readonly scopes: readonly string[] | null;
  /** One that the client has not seen yet. */
  readonly refreshToken: string | null;
};

/**
 * Reads what the token endpoint answered with 200: `{"access_token", "instance_url", "id", "scope"?,
 * "refresh_token"?}`, where `id` ends in `/<organization>/<user>`. Source: Salesforce Help, "OAuth Tokens and Scopes".
 * @throws HeadraceError `destination_unavailable` when it is something else.
 */
export function readTokenAnswer(text: string, facts: CallFacts): TokenAnswer {
  const answer = parseObject(text);
  const [accessToken, instanceUrl, id] = ['access_token', 'instance_url', 'id'].map((key) =>
    readText(answer, key),
  );
  const [, organizationId] = /\/(00D\w{15})\/005\w{15}$/.exec(id ?? '') ?? [];
  const refreshToken = readText(answer, 'refresh_token') ?? null;
  if (!isToken(accessToken) || !instanceUrl || !organizationId || !isToken(refreshToken ?? 'none'))
    throw classifyStrangeAnswer(facts, 'without a token, address and identity as Salesforce gives them');
  const scope = readText(answer, 'scope');
  const scopes = scope === undefined ? null : scopesOf(scope);
  return { accessToken, instanceUrl, organizationId, scopes, refreshToken };
}

/** The scopes of a text with spaces between them. */
export const scopesOf = (text: string): readonly string[] =>
  text.split(' ').filter((scope) => /^[a-z_]{1,60}$/.test(scope));

/** What goes into a header must be visible ASCII, or a hostile answer could add headers. */
const isToken = (text: string | undefined): text is string =>
  text !== undefined && /^[!-~]{1,4096}$/.test(text);

/** What to do, by error code and Salesforce's fixed description, or by error code; the same for all ways to sign in. */
const commonRemedies = new Map(
  Object.entries({
    'invalid_grant ip restricted':
      'The profile of the user does not allow the address of this server: add it in Salesforce (Setup > Profiles > Login IP Ranges).',
    'invalid_grant ip restricted or invalid login hours':
      'The profile of the user does not allow the address of this server, or not at this hour (Setup > Profiles > Login IP Ranges, Login Hours).',
    'invalid_grant inactive user': 'Activate the user in Salesforce or sign in as another.',
    'invalid_grant inactive organization': 'The org is not active.',
    inactive_user: 'Activate the user in Salesforce or sign in as another.',
    inactive_org: 'The org is not active.',
    invalid_client_id:
      'Check the Client ID: it is the Consumer Key of the app, in the org that the Custom Domain leads to. A new app takes about 10 minutes to work.',
    invalid_client:
      'Check the Client Secret: it is the Consumer Secret of the app (Setup > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret; for a connected app Setup > App Manager > View > Manage Consumer Details).',
    invalid_client_credentials:
      'Check the Client Secret: it is the Consumer Secret of the app (Setup > External Client App Manager > the app > Settings > OAuth Settings > Consumer Key and Secret; for a connected app Setup > App Manager > View > Manage Consumer Details).',
    unauthorized_client: 'The app does not allow this way to sign in, or not for this user.',
    invalid_app_access:
      'The app does not admit this user: give the user one of the profiles or permission sets named in the policies of the app.',
    invalid_scope: 'Select the scope "Manage user data via APIs (api)" in the app.',
  }),
);

/**
 * Turns a refused sign-in into an error that says what to correct. Classified by the OAuth error code; the
 * description is quoted as Salesforce gave it, without anything secret.
 * @param remedies those of the way to sign in, which go first
 * Source: Salesforce Help, "OAuth 2.0 Authorization Errors".
 */
export function classifyTokenRefusal(
  answer: { readonly status: number; readonly text: string },
  facts: CallFacts,
  secrets: readonly string[],
  remedies: ReadonlyMap<string, string>,
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
  const exact = `${error} ${description}`;
  const own = remedies.get(exact) ?? commonRemedies.get(exact) ?? remedies.get(error);
  if (own === undefined && (error === 'invalid_request' || error === 'redirect_uri_mismatch'))
    return new HeadraceError('destination_request_rejected', said);
  const remedy = own ?? commonRemedies.get(error) ?? 'Check the account.';
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
