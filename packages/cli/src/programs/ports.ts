import { createServer } from 'node:net';

/** The loopback address, where the emulator listens. */
export const loopback = '127.0.0.1';

/**
 * The port when a program could listen on it now, a free one for port 0, and undefined when another program
 * listens there or it may not be used.
 */
export const probePort = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(undefined));
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });

/** The remembered port when it is free, else one the system chooses. */
export const chooseLoopbackPort = async (remembered: number | null): Promise<number> => {
  const port =
    (remembered === null ? undefined : await probePort(loopback, remembered)) ??
    (await probePort(loopback, 0));
  if (port === undefined) throw new Error(`No port is free on ${loopback}.`);
  return port;
};

const wildcards = new Map([
  ['0.0.0.0', loopback],
  ['::', '[::1]'],
]);

/** The URL at which this machine reaches a program that listens on the address. */
export const urlOf = (host: string, port: number): string =>
  `http://${wildcards.get(host) ?? (host.includes(':') ? `[${host}]` : host)}:${port}`;
