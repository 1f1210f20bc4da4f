import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startOrg } from './start-org.ts';
import { connect } from './testing/rest-client.ts';

test('an org may be closed while a call holds its locks; nothing of it fails later', async () => {
  const logged = vi.spyOn(console, 'error');
  const failed = vi.fn();
  process.on('uncaughtException', failed);
  const org = await startOrg();
  const { rest } = await connect(org);
  const account = (await rest('POST', '/sobjects/Account', { Name: 'Parent' })).body.id;
  org.faults({ locks: { transaction_ms: 150 } });
  const call = rest('POST', '/sobjects/Contact', { LastName: 'Child', AccountId: account });
  const outcome = call.then(
    () => 'answered',
    () => 'cut',
  );
  await sleep(50);
  await Promise.all([org.close(), org.close()]);
  expect(await outcome).toBe('cut');
  await sleep(600);
  process.off('uncaughtException', failed);
  expect(failed).not.toHaveBeenCalled();
  expect(logged).not.toHaveBeenCalled();
});
