import { HeadraceError } from '@headrace/core';
import { expect, test } from 'vitest';
import { createSealer } from './sealer.ts';

const sealer = createSealer(Buffer.alloc(32, 1));

test('what is sealed opens again, and looks different each time', () => {
  const text = JSON.stringify({ password: 'pässword' });
  const sealed = sealer.seal('account-1', text);
  expect(sealer.open('account-1', sealed)).toBe(text);
  expect(sealed.includes('ssword')).toBe(false);
  expect(sealer.seal('account-1', text).equals(sealed)).toBe(false);
});

test('promise 9: it opens for no other account, with no other key, and not when any byte was changed', () => {
  const sealed = sealer.seal('account-1', 'secret');
  const refused = (open: () => string) => expect(open).toThrow(HeadraceError);
  refused(() => sealer.open('account-2', sealed));
  refused(() => createSealer(Buffer.alloc(32, 2)).open('account-1', sealed));
  for (const index of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    refused(() => sealer.open('account-1', changed));
  }
  refused(() => sealer.open('account-1', Buffer.alloc(3)));
});
