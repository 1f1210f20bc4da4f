import { HeadraceError } from '@headrace/core';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('an empty environment gives the documented defaults', () => {
  expect(readConfig({ HEADRACE_PORT: '', DATABASE_URL: ' ' }, '/work-dir')).toEqual({
    port: 4400,
    host: '127.0.0.1',
    publicUrl: undefined,
    dataDir: '/work-dir/.headrace',
    databaseUrl: undefined,
    secretKey: undefined,
    logLevel: 'info',
    allowLoopbackDestinations: false,
    allowedDestinationHosts: [],
    apiCallAllowance: 40_000,
    defaultPhoneRegion: 'US',
    importFolders: [],
  });
});

test('what is set is read', () => {
  const config = readConfig(
    {
      HEADRACE_PORT: '0',
      HEADRACE_DATA_DIR: '/data',
      DATABASE_URL: 'postgres://someone@db/headrace',
      HEADRACE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'true',
      HEADRACE_DEFAULT_PHONE_REGION: 'de',
      HEADRACE_IMPORT_FOLDERS: '/srv/exports/:/data/in',
      HEADRACE_PUBLIC_URL: 'https://headrace.example.com/',
      HEADRACE_ALLOWED_DESTINATION_HOSTS: 'sf.Example.com:8443, *.sf.example.cn',
    },
    '/',
  );
  expect(config).toMatchObject({ port: 0, dataDir: '/data', allowLoopbackDestinations: true });
  expect(config.secretKey).toEqual(Buffer.alloc(32, 7));
  expect(config.defaultPhoneRegion).toBe('DE');
  expect(config.importFolders).toEqual(['/srv/exports', '/data/in']);
  expect(config.publicUrl).toBe('https://headrace.example.com');
  expect(config.allowedDestinationHosts).toEqual(['sf.example.com:8443', '*.sf.example.cn']);
});

test('every wrong variable is named, and no secret shows', () => {
  const secret = 'bm90LWxvbmctZW5vdWdo';
  const environment = {
    HEADRACE_PORT: '65536',
    DATABASE_URL: 'mysql://root:hunter2@db',
    HEADRACE_SECRET_KEY: secret,
    HEADRACE_ALLOW_LOOPBACK_DESTINATIONS: 'maybe',
    HEADRACE_DEFAULT_PHONE_REGION: 'XX',
    HEADRACE_LOG_LEVEL: 'loud',
    HEADRACE_API_CALL_ALLOWANCE: '1e3',
    HEADRACE_IMPORT_FOLDERS: '/srv:exports',
    HEADRACE_PUBLIC_URL: 'https://headrace.example.com/path',
    HEADRACE_ALLOWED_DESTINATION_HOSTS: '*.com',
  };
  try {
    readConfig(environment, '/');
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof HeadraceError)) throw error;
    expect(error.code).toBe('invalid_input');
    expect(error.details).toHaveLength(Object.keys(environment).length);
    for (const name of Object.keys(environment)) expect(error.message).toContain(name);
    expect(error.message).not.toContain(secret);
    expect(error.message).not.toContain('hunter2');
  }
});
