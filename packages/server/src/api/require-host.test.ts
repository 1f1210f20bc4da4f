import { expect, test } from 'vitest';
import { requireHost } from './require-host.ts';

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.1', '[::1]', 'headrace.example'])(
  '%s is this server',
  (name) => expect(() => requireHost(name, ['headrace.example'])).not.toThrow(),
);

test.each(['', 'evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '10.0.0.1', '[::2]'])(
  '%s is not',
  (name) => expect(() => requireHost(name, ['headrace.example'])).toThrow(/Host/),
);
