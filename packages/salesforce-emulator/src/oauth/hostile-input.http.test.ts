import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Org, startOrg } from '../start-org.ts';
import { askToken, openPath, postForm } from '../testing/oauth-client.ts';

let org: Org;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.close());

const grants = [
  'password',
  'client_credentials',
  'refresh_token',
  'authorization_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
];
const names = [
  'grant_type',
  'client_id',
  'client_secret',
  'username',
  'password',
  'refresh_token',
  'code',
  'code_verifier',
  'redirect_uri',
  'assertion',
  'scope',
  'token',
  'format',
  'authorization',
  'decision',
  'response_type',
  'state',
];
const value = () =>
  fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '__proto__', 'constructor', '3MVG9.emulator.sample.client.id', 'code', ...grants),
    fc.constantFrom(
      'eyJhbGciOiJSUzI1NiJ9.e30.',
      'eyJhbGciOiJSUzI1NiJ9.W10.AA',
      'a.b.c',
      '..',
      'javascript:alert(1)',
    ),
  );
/** Forms that prove nothing: the sample secret and passwords are not among the values. */
const form = () =>
  fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value(), { noNullPrototype: true });

test('no form that proves nothing gets a token, an answer of success or a failure of the server', async () => {
  await fc.assert(
    fc.asyncProperty(form(), fc.option(value(), { nil: undefined }), async (parameters, basic) => {
      const headers =
        basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` };
      const answers = [
        await askToken(org, parameters, headers),
        await postForm(org, '/services/oauth2/revoke', parameters),
        await postForm(org, '/services/oauth2/introspect', parameters, headers),
        await postForm(org, '/services/oauth2/authorize', parameters),
        await postForm(org, '/services/oauth2/userinfo', parameters),
      ];
      for (const { status } of answers) expect([400, 403, 501]).toContain(status);
    }),
    { numRuns: 60 },
  );
});

test('no authorize call leads elsewhere than to a callback of its app', async () => {
  const callback = 'http://localhost:3000/oauth/callback';
  const call = () => fc.record({ redirect_uri: fc.oneof(value(), fc.constant(callback)), rest: form() });
  await fc.assert(
    fc.asyncProperty(call(), async ({ redirect_uri, rest }) => {
      const query = new URLSearchParams({ ...rest, client_id: org.credentials.clientId, redirect_uri });
      const answer = await openPath(org, `/services/oauth2/authorize?${query}`);
      expect([200, 302, 400, 501]).toContain(answer.status);
      if (redirect_uri !== callback) expect([400, 501]).toContain(answer.status);
      const location = answer.headers.get('location');
      if (location !== null) expect(location.startsWith(`${callback}?`)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('other verbs are refused', async () => {
  expect(await openPath(org, '/services/oauth2/token?grant_type=password')).toMatchObject({
    status: 400,
    body: { error: 'invalid_request', error_description: 'must use HTTP POST' },
  });
  for (const path of ['token', 'authorize', 'introspect', 'revoke', 'userinfo']) {
    const answer = await fetch(`${org.url}/services/oauth2/${path}`, { method: 'DELETE' });
    expect(answer.status).toBe(405);
  }
});

test.each([
  [{ format: 'xml' }],
  [{ client_assertion: 'x' }],
  [{ grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer' }],
])('%o is not there yet and says so', async (more) => {
  const answer = await askToken(org, { grant_type: 'client_credentials', ...more });
  expect(answer).toMatchObject({ status: 501, body: { error: 'not_implemented_by_emulator' } });
});
