import { HeadraceError } from '@headrace/core';
import { expect, test } from 'vitest';
import { readWebhookUrl } from './webhook-url.ts';

const faultOf = (text: string, allowLoopback = false): string => {
  try {
    readWebhookUrl(text, allowLoopback);
  } catch (error) {
    if (error instanceof HeadraceError && error.code === 'destination_misconfigured') return error.message;
    throw error;
  }
  return 'none';
};

test.each([
  ['https://hooks.example.com/a?b=c#d', 'https://hooks.example.com/a?b=c'],
  [' https://hooks.example.com:8443 ', 'https://hooks.example.com:8443/'],
])('%s is an address', (text, href) => {
  expect(readWebhookUrl(text, false).href).toBe(href);
});

test.each([
  ['', 'no address'],
  ['hooks.example.com', 'no address'],
  ['http://hooks.example.com/', 'https://'],
  ['ftp://hooks.example.com/', 'https://'],
  ['file:///etc/passwd', 'https://'],
  ['https://user:hunter2@hooks.example.com/', 'user name or password'],
  ['https://hunter2@hooks.example.com/', 'user name or password'],
  ['https://localhost/', 'not allowed'],
  ['https://127.0.0.1/', 'not allowed'],
  ['https://2130706433/', 'not allowed'],
  ['https://0x7f.1/', 'not allowed'],
  ['https://[::1]/', 'not allowed'],
])('%s is refused and not repeated', (text, fault) => {
  expect(faultOf(text)).toContain(fault);
  expect(faultOf(text)).not.toContain('hunter2');
});

test('this machine itself is an address where the operator allows it, over plain http too', () => {
  expect(readWebhookUrl('http://127.0.0.1:8080/x', true).href).toBe('http://127.0.0.1:8080/x');
  expect(readWebhookUrl('http://localhost/x', true).href).toBe('http://localhost/x');
  expect(faultOf('http://hooks.example.com/', true)).toContain('https://');
});
