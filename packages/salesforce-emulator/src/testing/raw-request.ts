import { request } from 'node:http';
import { connect } from 'node:net';

/** An answer as it came over the wire. Status 0: the connection ended without one. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request as given: the path is not tidied, a header may stand there twice. */
export function sendRaw(
  baseUrl: string,
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[] = [],
  body: Buffer | string = '',
): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    // Without a length, Node sends the body of a GET or DELETE after the request instead of in it.
    const length = ['content-length', String(Buffer.byteLength(body))];
    const sent = request({
      hostname,
      port,
      method,
      path,
      headers: [
        ...(headers.some(([name]) => name === 'host') ? [] : ['host', hostname]),
        ...length,
        ...headers.flat(),
      ],
    });
    sent.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
      response.on('error', reject);
    });
    sent.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE'
        ? resolve({ status: 0, text: '' })
        : reject(error),
    );
    sent.end(body);
  });
}

/** Bytes that need not be HTTP; resolves with what came back once the connection ends or goes quiet. */
export function sendBytes(baseUrl: string, bytes: Buffer | string, quietMs = 200): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const parts: Buffer[] = [];
    const finish = (): void => {
      socket.destroy();
      resolve(Buffer.concat(parts).toString('utf8'));
    };
    socket.setTimeout(quietMs, finish);
    socket.on('data', (part) => parts.push(part));
    socket.on('error', finish);
    socket.on('close', finish);
    socket.write(bytes);
  });
}
