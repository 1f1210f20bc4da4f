import { createServer } from 'node:net';

const host = '127.0.0.1';

/** Whether a program could listen on the port now; false when another one does, or may not be disturbed. */
export const isPortFree = async (port: number): Promise<boolean> => (await tryListen(port)) !== undefined;

/** The wished port when it is free, else one the system chooses. */
export const choosePort = async (wished: number | null): Promise<number> => {
  const port = (wished === null ? undefined : await tryListen(wished)) ?? (await tryListen(0));
  if (port === undefined) throw new Error(`No port is free on ${host}.`);
  return port;
};

const tryListen = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(undefined));
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
