import type { CallFacts } from '../classify-failure.ts';
import type { CountedHttp } from '../counted-http.ts';
import { classifyTokenRefusal, readTokenAnswer, type TokenAnswer } from '../token-answer.ts';
import type { TokenForm } from './sign-in-way.ts';

/** Parameters that name something; all others are secret. */
const named = new Set(['grant_type', 'client_id', 'username', 'redirect_uri']);

/**
 * Asks the token endpoint once.
 * @param secrets what no message may repeat, beside what the form holds
 * @throws HeadraceError as `classifyTokenRefusal` and the transport say.
 */
export async function requestToken(
  http: CountedHttp,
  origin: string,
  form: TokenForm,
  remedies: ReadonlyMap<string, string>,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const facts: CallFacts = { what: 'to sign in', host: new URL(origin).host, effect: 'read' };
  const answer = await http.send(
    {
      origin,
      method: 'POST',
      path: '/services/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      purpose: 'sign_in',
    },
    facts,
    signal,
  );
  if (answer.status === 200) return readTokenAnswer(answer.text, facts);
  const sent = Object.entries(form).flatMap(([name, value]) => (named.has(name) ? [] : [value]));
  throw classifyTokenRefusal(answer, facts, [...sent, ...secrets], remedies);
}
