import { HeadraceError } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { resolveInstanceOrigin, resolveLoginOrigin } from './host-policy.ts';

const strict = { allowedHosts: [], allowLoopback: false };
const loopback = { allowedHosts: [], allowLoopback: true };

describe('the Custom Domain', () => {
  test.each([
    ['', 'https://login.salesforce.com'],
    ['login', 'https://login.salesforce.com'],
    ['login.salesforce.com', 'https://login.salesforce.com'],
    ['test', 'https://test.salesforce.com'],
    ['test.salesforce.com', 'https://test.salesforce.com'],
    ['acme', 'https://acme.my.salesforce.com'],
    [' ACME ', 'https://acme.my.salesforce.com'],
    ['acme--uat', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['acme--uat.sandbox', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['acme-dev-ed.develop', 'https://acme-dev-ed.develop.my.salesforce.com'],
    ['acme.my.salesforce.com', 'https://acme.my.salesforce.com'],
    ['https://acme.my.salesforce.com/', 'https://acme.my.salesforce.com'],
    ['HTTPS://Acme.My.Salesforce.com:443/x?y#z', 'https://acme.my.salesforce.com'],
    ['https://acme.lightning.force.com/lightning/page/home', 'https://acme.my.salesforce.com'],
    ['acme--uat.sandbox.lightning.force.com', 'https://acme--uat.sandbox.my.salesforce.com'],
    ['https://acme.my.salesforce-setup.com/lightning/setup', 'https://acme.my.salesforce.com'],
    ['na139.salesforce.com', 'https://na139.salesforce.com'],
    ['agency.my.salesforce.mil', 'https://agency.my.salesforce.mil'],
  ])('%j is %s', (typed, origin) => {
    expect(resolveLoginOrigin(typed, strict)).toBe(origin);
  });

  test.each([
    'http://acme.my.salesforce.com',
    'https://acme.my.salesforce.com:8443',
    'https://salesforce.com.evil.example',
    'evilsalesforce.com',
    'https://salesforce.com',
    'acme.secure.force.com',
    'acme.my.site.com',
    'https://user:pass@acme.my.salesforce.com',
    'https://acme.my.salesforce.com@evil.example',
    'ftp://acme.my.salesforce.com',
    'not an address',
    'https://',
    '-acme',
    'localhost',
    '127.0.0.1',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'http://0x7f000001/',
    'http://169.254.169.254/',
    'https://10.0.0.1',
    // Names and addresses in other spellings.
    'https://acme.my.salesforce.com.',
    'https://evil.example\\@acme.my.salesforce.com',
    'https://evil.example#@acme.my.salesforce.com',
    'https://acme.my.salesforce.com%2eevil.example',
    'https://[::ffff:127.0.0.1]',
    'http://2130706433',
    'http://127.1',
    'http://localhost.',
    'http://[::]',
  ])('%j is refused', (typed) => {
    expect(() => resolveLoginOrigin(typed, strict)).toThrow(
      expect.objectContaining({ code: 'destination_misconfigured' }),
    );
  });

  test.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://localhost:3000/x', 'http://localhost:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
    ['https://127.9.9.9', 'https://127.9.9.9'],
  ])('%s is taken where loopback is allowed', (typed, origin) => {
    expect(resolveLoginOrigin(typed, loopback)).toBe(origin);
  });

  test.each([
    'http://[::ffff:10.0.0.1]:1',
    'http://localhost.evil.example',
    'http://0.0.0.0:3000',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1:3000',
  ])('%s is no loopback', (typed) => {
    expect(() => resolveLoginOrigin(typed, loopback)).toThrow(HeadraceError);
  });

  test('the operator may allow more hosts, over https only', () => {
    const policy = { allowedHosts: ['sf-proxy.example.com:8443', '*.sf.example.cn'], allowLoopback: false };
    expect(resolveLoginOrigin('https://sf-proxy.example.com:8443', policy)).toBe(
      'https://sf-proxy.example.com:8443',
    );
    expect(resolveLoginOrigin('acme.sf.example.cn', policy)).toBe('https://acme.sf.example.cn');
    for (const other of [
      'https://sf-proxy.example.com',
      'http://sf-proxy.example.com:8443',
      'https://sf.example.cn',
      'https://evil-sf.example.cn',
    ])
      expect(() => resolveLoginOrigin(other, policy)).toThrow(HeadraceError);
  });
});

describe('the instance_url of a token answer', () => {
  test('is reduced to its origin', () => {
    expect(resolveInstanceOrigin('https://acme.my.salesforce.com/x', strict)).toBe(
      'https://acme.my.salesforce.com',
    );
  });

  test.each([
    'https://evil.example',
    'https://[::1]',
    'https://acme.my.salesforce.com.',
    'http://127.0.0.1:1',
    'acme',
    '',
    'https://a:b@acme.my.salesforce.com',
  ])('%j gets no token', (url) => {
    expect(() => resolveInstanceOrigin(url, strict)).toThrow(
      expect.objectContaining({ code: 'destination_misconfigured' }),
    );
  });
});
