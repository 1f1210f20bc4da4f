import { parseJson } from '../../http/parse-json.ts';
import type { SalesforceAccount } from '../account-fields.ts';
import type { CountedHttp } from '../counted-http.ts';
import type { Session } from '../session-keeper.ts';
import { scopesOf } from '../token-answer.ts';
import { secretParameter, textOf } from './sign-in-way.ts';

/**
 * What a session may do: as told with its token, else as introspection tells.
 * Source: Salesforce Help, "OpenID Connect Token Introspection".
 * @returns null where Salesforce does not say.
 * @throws HeadraceError of the budget or the transport.
 */
export async function readScopes(
  session: Session,
  { values }: SalesforceAccount,
  http: CountedHttp,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  if (session.scopes !== null) return session.scopes;
  const form = {
    token: session.accessToken,
    token_type_hint: 'access_token',
    client_id: textOf(values, 'client_id'),
    ...secretParameter(values),
  };
  const facts = {
    what: 'what the session may do',
    host: new URL(session.instanceOrigin).host,
    effect: 'read',
  } as const;
  const answer = await http.send(
    {
      origin: session.instanceOrigin,
      method: 'POST',
      path: '/services/oauth2/introspect',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      purpose: 'test',
    },
    facts,
    signal,
  );
  const told = answer.status === 200 ? parseJson(answer.text) : undefined;
  const scope = typeof told === 'object' && told !== null && 'scope' in told ? told.scope : undefined;
  return typeof scope === 'string' ? scopesOf(scope) : null;
}
