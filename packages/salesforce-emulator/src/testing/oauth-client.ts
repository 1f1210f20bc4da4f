import type { Org } from '../start-org.ts';
import type { RestAnswer } from './rest-client.ts';

/** A call of an OAuth endpoint with a form; redirects are looked at, not followed. */
export async function postForm(
  org: Org,
  path: string,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  const response = await fetch(org.url + path, {
    method: 'POST',
    headers,
    body: new URLSearchParams(parameters),
    redirect: 'manual',
  });
  return readAnswer(response);
}

/** A GET whose redirects are looked at, not followed. */
export const openPath = async (org: Org, path: string, headers: Record<string, string> = {}) =>
  readAnswer(await fetch(org.url + path, { headers, redirect: 'manual' }));

async function readAnswer(response: Response): Promise<RestAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** The token endpoint. */
export const askToken = (
  org: Org,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
) => postForm(org, '/services/oauth2/token', parameters, headers);

/** A login page as a browser holds it: the hidden field of its form and its cookie. */
export interface LoginPage {
  readonly id: string;
  readonly cookie: string;
}

/** Opens the authorize page of an app. Throws when it is no login page. */
export async function openLoginPage(org: Org, parameters: Record<string, string>): Promise<LoginPage> {
  const page = await openPath(org, `/services/oauth2/authorize?${new URLSearchParams(parameters)}`);
  const id = /name="authorization" value="([^"]+)"/.exec(String(page.body))?.[1];
  const cookie = page.headers.get('set-cookie')?.split(';')[0];
  if (id === undefined || cookie === undefined) throw new Error(`No login page: ${page.status} ${page.body}`);
  return { id, cookie };
}

/** Sends a form of the login or approve page. */
export const submit = (org: Org, { id, cookie }: LoginPage, fields: Record<string, string>) =>
  postForm(org, '/services/oauth2/authorize', { authorization: id, ...fields }, { cookie });

/** The parameters of the callback a redirect leads to. */
export const callbackOf = (answer: RestAnswer): URLSearchParams =>
  new URL(answer.headers.get('location') ?? 'none:').searchParams;

/** Signs in on the login page, allows access where it is asked, and gives the callback's parameters. */
export async function authorizeAs(
  org: Org,
  parameters: Record<string, string>,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<URLSearchParams> {
  const page = await openLoginPage(org, parameters);
  const answer = await submit(org, page, { username, password });
  return callbackOf(answer.status === 302 ? answer : await submit(org, page, { decision: 'allow' }));
}
