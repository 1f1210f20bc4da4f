import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeliveryBatch, DeliveryItem } from '@headrace/core';
import { makeDataDir, startProcess } from '@headrace/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { heldSecrets } from '../../catalog/account-secrets.ts';
import { createWebhookDestination } from './webhook-destination.ts';

const page = join(import.meta.dirname, '../../../../../docs/destinations/webhook.md');
const secretOf = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
const never = new AbortController().signal;

test('the receiver of the documentation does what the documentation asks for', async () => {
  const [, code = ''] = /```js\n(.*?)```/s.exec(await readFile(page, 'utf8')) ?? [];
  const folder = await makeDataDir();
  onTestFinished(() => folder.remove());
  const entry = join(folder.path, 'receiver.mjs');
  await writeFile(entry, code);
  const { ready, stop } = await startProcess({
    entry,
    env: { PORT: '0', SIGNING_SECRET: secretOf(1) },
    readyLine: /port (\d+)/,
  });
  const connect = (values: Readonly<Record<string, string>>) => {
    const url = `http://127.0.0.1:${ready?.[1]}/`;
    const connection = createWebhookDestination({ allowLoopback: true }).connect(
      { accountId: 'a', authentication: 'signature', organizationId: null, values: { url, ...values } },
      {
        budget: { reserve: async () => undefined, observe: () => undefined },
        calls: { record: () => undefined },
        secrets: heldSecrets({}, {}),
        now: () => new Date(),
        log: { info: () => undefined, warn: () => undefined },
      },
    );
    onTestFinished(() => connection.close());
    return connection;
  };
  const connection = connect({ signing_secret: secretOf(2), previous_signing_secret: secretOf(1) });
  await connection.test(never);
  await expect(connect({ signing_secret: secretOf(2) }).test(never)).rejects.toMatchObject({
    code: 'destination_authentication_rejected',
  });

  const items = ['a@example.com', 'ü@example.com'].map(
    (key): DeliveryItem => ({
      matchKey: key,
      recordId: null,
      fields: { key, city: 'Zürich' },
      ifEmpty: [],
      lists: [{ listId: 'vip', status: 'realized' }],
    }),
  );
  const batch: DeliveryBatch = { version: 2, object: 'profile', group: 'create', details: {}, items };
  const outcomes = await connection.deliver(batch, never);
  expect(outcomes).toMatchObject([
    { kind: 'activated', created: true },
    { kind: 'activated', created: true },
  ]);
  expect(await connection.deliver({ ...batch, version: 3 }, never)).toMatchObject([
    { kind: 'activated', created: false },
    { kind: 'activated', created: false },
  ]);
  expect(await connection.deliver({ ...batch, version: 1 }, never)).toMatchObject([
    { kind: 'failed', code: 'STALE' },
    { kind: 'failed', code: 'STALE' },
  ]);
  const recordIds = outcomes.map((outcome) => (outcome.kind === 'activated' ? outcome.recordId : ''));
  const remove = (version: number) => connection.remove({ version, object: 'profile', recordIds }, never);
  expect(await remove(4)).toEqual([{ kind: 'deleted' }, { kind: 'deleted' }]);
  expect(await remove(5)).toMatchObject([{ kind: 'absent' }, { kind: 'absent' }]);
  const known = items.map((item, at) => ({ ...item, recordId: recordIds[at] ?? '' }));
  expect(
    await connection.deliver({ ...batch, version: 6, group: 'update', items: known }, never),
  ).toMatchObject([{ kind: 'record_gone' }, { kind: 'record_gone' }]);
  await stop();
});
