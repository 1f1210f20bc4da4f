import { describe, expect, test } from 'vitest';
import { passwordWay } from './sign-in/password.ts';
import { classifyTokenRefusal, readTokenAnswer } from './token-answer.ts';

const facts = { what: 'to sign in', host: 'acme.my.salesforce.com', effect: 'read' } as const;
const secrets = ['hunter2TOKEN', 'app-secret'];
const refuse = (error: string, description: string, status = 400) =>
  classifyTokenRefusal(
    { status, text: JSON.stringify({ error, error_description: description }) },
    facts,
    secrets,
    passwordWay.remedies,
  );

describe('a refused sign-in says what Salesforce answered and what to correct', () => {
  test.each([
    ['invalid_grant', 'authentication failure', 'Allow OAuth Username-Password Flows'],
    ['invalid_grant', 'ip restricted', 'Login IP Ranges'],
    ['invalid_grant', 'ip restricted or invalid login hours', 'Login Hours'],
    ['invalid_grant', 'inactive user', 'Activate the user'],
    ['invalid_grant', 'inactive organization', 'org is not active'],
    ['invalid_grant', 'expired access/refresh token', 'security token'],
    ['inactive_user', 'user is inactive', 'Activate the user'],
    ['inactive_org', 'org is inactive', 'org is not active'],
    ['invalid_client_id', 'client identifier invalid', 'Consumer Key'],
    ['invalid_client', 'invalid client credentials', 'Consumer Secret'],
    ['invalid_client_credentials', 'client secret invalid', 'Consumer Secret'],
    ['unsupported_grant_type', 'grant type not supported', 'connected app'],
    ['invalid_scope', 'the requested scope is invalid', 'scope'],
    ['something_new', 'with a text', 'Check the account'],
    ['constructor', 'with a text', 'Check the account'],
  ])('%s: %s', (error, description, remedy) => {
    const found = refuse(error, description);
    expect(found.code).toBe('destination_authentication_rejected');
    expect(found.message).toContain(`${error}: "${description}"`);
    expect(found.message).toContain(remedy);
  });

  test.each([
    ['rate_limit_exceeded', 'login rate exceeded', 400, 'destination_rate_limited'],
    ['invalid_request', 'missing required parameter: grant_type', 400, 'destination_request_rejected'],
    ['redirect_uri_mismatch', 'x', 400, 'destination_request_rejected'],
    ['invalid_client', 'invalid client credentials', 401, 'destination_authentication_rejected'],
    ['server_error', 'x', 500, 'destination_unavailable'],
  ])('%s (%s, %i) is %s', (error, description, status, code) => {
    expect(refuse(error, description, status).code).toBe(code);
  });

  test('no secret is repeated, whatever the server writes', () => {
    const { message } = refuse('invalid_grant', 'hunter2TOKEN or app-secret\r\nX-Evil: 1');
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('app-secret');
    expect(message).not.toMatch(/[\r\n]/);
  });

  test.each([
    '<html>',
    '',
    '{}',
    '[]',
    'null',
    '{"error":7}',
    '{"error":"Has Spaces"}',
    '[{"errorCode":"X"}]',
  ])('%j is not of Salesforce', (text) => {
    expect(classifyTokenRefusal({ status: 400, text }, facts, secrets, passwordWay.remedies).code).toBe(
      'destination_unavailable',
    );
  });

  test('a redirect is named and not followed', () => {
    expect(
      classifyTokenRefusal({ status: 302, text: '' }, facts, secrets, passwordWay.remedies).message,
    ).toContain('redirects');
  });
});

describe('an answer with a token', () => {
  const good = {
    access_token: '00D5e000000AbCd!AQ4AQ',
    instance_url: 'https://acme.my.salesforce.com',
    id: 'https://login.salesforce.com/id/00D5e000000AbCdEAF/0055e000000AbCdAAF',
    token_type: 'Bearer',
  };

  test('names the org', () => {
    expect(readTokenAnswer(JSON.stringify(good), facts)).toEqual({
      accessToken: good.access_token,
      instanceUrl: good.instance_url,
      organizationId: '00D5e000000AbCdEAF',
      scopes: null,
      refreshToken: null,
    });
    const more = { ...good, scope: 'api refresh_token', refresh_token: '5Aep861x' };
    expect(readTokenAnswer(JSON.stringify(more), facts)).toMatchObject({
      scopes: ['api', 'refresh_token'],
      refreshToken: '5Aep861x',
    });
  });

  test.each([
    ['no JSON', '<html>'],
    ['other JSON', '{"ok":true}'],
    ['null', 'null'],
    ['no token', JSON.stringify({ ...good, access_token: '' })],
    ['a token that breaks out of its header', JSON.stringify({ ...good, access_token: 'x\r\nHost: evil' })],
    ['a refresh token out of bounds', JSON.stringify({ ...good, refresh_token: 'x y' })],
    ['a huge token', JSON.stringify({ ...good, access_token: 'x'.repeat(5_000) })],
    ['no address', JSON.stringify({ ...good, instance_url: 7 })],
    ['no identity', JSON.stringify({ ...good, id: 'https://login.salesforce.com/id/me' })],
  ])('%s is refused', (_what, text) => {
    expect(() => readTokenAnswer(text, facts)).toThrow(
      expect.objectContaining({ code: 'destination_unavailable' }),
    );
  });
});
