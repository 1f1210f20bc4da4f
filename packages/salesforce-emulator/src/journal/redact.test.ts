import { expect, test } from 'vitest';
import { redactJson, redactQuery } from './redact.ts';

test('secrets in JSON are masked, the rest is as it was', () => {
  const body = {
    LastName: 'Doe',
    client_secret: 'a',
    nested: { AccessToken: 'b "quoted" c', code: 'd' },
    assertion: 'e',
    note: 'the password is in the drawer',
  };
  expect(JSON.parse(redactJson(JSON.stringify(body)))).toEqual({
    LastName: 'Doe',
    client_secret: '***',
    nested: { AccessToken: '***', code: '***' },
    assertion: '***',
    note: 'the password is in the drawer',
  });
});

test('a secret that is cut off is masked too', () => {
  expect(redactJson('{"a":"1","password":"hun')).toBe('{"a":"1","password":"***"');
});

test('secrets in a query string are masked', () => {
  expect(redactQuery('format=json&oauth_token=00D!abc&q=x')).toBe('format=json&oauth_token=***&q=x');
  expect(redactQuery('code=abc&state=1')).toBe('code=***&state=1');
  expect(redactQuery('q=SELECT+Id')).toBe('q=SELECT+Id');
});

test('hostile text takes no longer than its length', () => {
  const started = performance.now();
  redactJson(`"token${'"token'.repeat(1_000)}`);
  redactJson(`"${'\\'.repeat(4_000)}token`);
  expect(performance.now() - started).toBeLessThan(5_000);
});
