import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that was free a moment ago. Prefer port 0 where the process tells its port. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      if (typeof address !== 'object' || address === null) return reject(new Error('no address'));
      probe.close(() => resolve(address.port));
    });
  });
