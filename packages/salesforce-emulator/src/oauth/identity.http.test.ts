import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OAuthScope } from '../definition/oauth-scope.ts';
import { type Org, startOrg } from '../start-org.ts';
import { openPath, postForm } from '../testing/oauth-client.ts';
import { requestToken } from '../testing/rest-client.ts';

const scopes: readonly OAuthScope[] = ['api', 'openid', 'web', 'chatter_api', 'refresh_token', 'full'];
const me = { username: 'me@example.com', password: 'p' };

let org: Org;
beforeAll(async () => {
  org = await startOrg({
    definition: {
      users: [me, { username: 'other@example.com', password: 'p' }],
      connectedApps: scopes.map((scope) => ({ clientId: scope, clientSecret: 's', scopes: [scope] })),
    },
  });
});
afterAll(() => org.close());

const tokenWith = async (scope: OAuthScope): Promise<{ readonly token: string; readonly id: string }> => {
  const { body } = await requestToken(org, { client_id: scope });
  return { token: body.access_token, id: new URL(body.id).pathname };
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test.each([
  ['api', 200],
  ['full', 200],
  ['openid', 401],
  ['web', 401],
  ['chatter_api', 401],
  ['refresh_token', 401],
] as const)('a token with %s gets %i from the REST API', async (scope, status) => {
  const { token } = await tokenWith(scope);
  const answer = await openPath(org, '/services/data/v67.0/limits', bearer(token));
  expect(answer.status).toBe(status);
  if (status === 401)
    expect(answer.body).toEqual([
      { message: 'This session is not valid for use with the REST API', errorCode: 'INVALID_SESSION_ID' },
    ]);
});

test('a token with chatter_api reaches Connect, which is not there yet', async () => {
  const { token } = await tokenWith('chatter_api');
  const answer = await openPath(org, '/services/data/v67.0/connect/organization', bearer(token));
  expect(answer.status).toBe(501);
});

test.each([
  ['openid', 200],
  ['api', 200],
  ['web', 200],
  ['chatter_api', 403],
  ['refresh_token', 403],
] as const)('a token with %s gets %i from userinfo and the identity URL', async (scope, status) => {
  const { token, id } = await tokenWith(scope);
  for (const path of ['/services/oauth2/userinfo', id]) {
    const answer = await openPath(org, path, bearer(token));
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toBe('Bad_OAuth_Token');
  }
});

test('the identity URL takes its token in every way and names its version when asked', async () => {
  const { token, id } = await tokenWith('api');
  const answers = [
    await openPath(org, `${id}?format=json&oauth_token=${encodeURIComponent(token)}`),
    await openPath(org, `${id}?version=67.0`, bearer(token)),
    await postForm(org, id, { access_token: token }),
  ];
  for (const answer of answers)
    expect(answer.body).toMatchObject({ username: me.username, active: true, asserted_user: true });
  expect(answers[0]?.body.urls.query).toBe(`${org.url}/services/data/v{version}/query/`);
  expect(answers[1]?.body.urls.query).toBe(`${org.url}/services/data/v67.0/query/`);
});

test('what is wrong with a call is one word of plain text', async () => {
  const { token, id } = await tokenWith('api');
  const [, , organization = '', user = ''] = id.split('/');
  const wordOf = async (path: string, headers = bearer(token)) => {
    const { status, body } = await openPath(org, path, headers);
    return [status, body];
  };
  expect(await wordOf(id, { authorization: '' })).toEqual([403, 'Missing_OAuth_Token']);
  expect(await wordOf(id, bearer('unknown'))).toEqual([403, 'Bad_OAuth_Token']);
  expect(await wordOf(`/id/00D000000000000/${user}`)).toEqual([403, 'Wrong_Org']);
  expect(await wordOf(`/id/${organization}/005000000000000`)).toEqual([404, 'Bad_Id']);
  expect(await wordOf(`/id/${organization}/constructor`)).toEqual([404, 'Bad_Id']);
});

test('a token may read another user of its org', async () => {
  const mine = await tokenWith('api');
  const { body } = await requestToken(org, { client_id: 'api', username: 'other@example.com' });
  const answer = await openPath(org, new URL(body.id).pathname, bearer(mine.token));
  expect(answer.body).toMatchObject({ username: 'other@example.com', asserted_user: false });
});

test.each([
  ['Basic YTpi', 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE'],
  ['Bearer', 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE'],
  ['Bearer unknown', 'INVALID_SESSION_ID', 'Session expired or invalid'],
])('Authorization "%s" is answered %s', async (authorization, errorCode, message) => {
  const answer = await openPath(org, '/services/data/v67.0/limits', { authorization });
  expect(answer).toMatchObject({ status: 401, body: [{ errorCode, message }] });
});
