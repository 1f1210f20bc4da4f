import type { Org } from '../start-org.ts';

/** An answer as the tests look at it: parsed JSON when it is JSON, else text. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** A bare REST client: no retries, no shaping, so that tests see what went over the wire. */
export interface RestClient {
  readonly token: string;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<RestAnswer>;
  /** The same under `/services/data/v67.0`. */
  readonly rest: (method: string, path: string, body?: unknown) => Promise<RestAnswer>;
  readonly query: (soql: string) => Promise<RestAnswer>;
}

async function send(url: string, init: RequestInit): Promise<RestAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** Asks the token endpoint with the org's own credentials, some of them replaced. */
export function requestToken(org: Org, changes: Record<string, string> = {}): Promise<RestAnswer> {
  const { username, password, securityToken, clientId, clientSecret } = org.credentials;
  const parameters = {
    grant_type: 'password',
    client_id: clientId,
    client_secret: clientSecret,
    username,
    password: password + securityToken,
    ...changes,
  };
  return send(`${org.url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(parameters) });
}

/** Signs in to the org; with `changes` as another user. */
export async function connect(org: Org, changes: Record<string, string> = {}): Promise<RestClient> {
  const answer = await requestToken(org, changes);
  const token: string = answer.body.access_token;
  const call: RestClient['call'] = (method, path, body, headers = {}) =>
    send(org.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const rest: RestClient['rest'] = (method, path, body) => call(method, `/services/data/v67.0${path}`, body);
  return { token, call, rest, query: (soql) => rest('GET', `/query?q=${encodeURIComponent(soql)}`) };
}
