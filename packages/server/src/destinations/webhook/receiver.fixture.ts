import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

type Message = {
  readonly id: string;
  readonly action: 'create' | 'update' | 'remove';
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly only_if_empty?: readonly string[];
  readonly segments?: Readonly<Record<string, string | null>>;
};
type Kept = {
  readonly version: number;
  readonly key: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly segments: Readonly<Record<string, string | null>>;
};
/** A request as it came. */
export type ReceivedRequest = {
  readonly headers: IncomingMessage['headers'];
  readonly path: string | undefined;
  readonly body: string;
};
type Answer = (response: ServerResponse, socket: Socket) => void;

/** A receiver of webhooks over real HTTP, as docs/destinations/webhook.md asks for, that can be made to fail. */
export class Receiver {
  /** Records by id; one that was removed has no key. */
  readonly records = new Map<string, Kept>();
  readonly requests: ReceivedRequest[] = [];
  /** Answers to the next requests in place of applying them, first in first out. */
  readonly answers: Answer[] = [];
  /** What becomes of the next request about records: the connection is cut before or after it is applied. */
  readonly cuts: ('before_write' | 'after_write')[] = [];
  /** Without their prefix. */
  readonly secrets: string[] = [];
  url = '';
  /** Records that came later than a newer version of them. */
  stale = 0;
  /** Called with each request before it is looked at. */
  meanwhile: () => Promise<void> = async () => undefined;

  /** Those that were not removed. */
  get live(): Kept[] {
    return [...this.records.values()].filter(({ key }) => key !== undefined);
  }

  async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const { headers, url: path, socket } = request;
    this.requests.push({ headers, path, body });
    await this.meanwhile();
    const answer = this.answers.shift();
    if (answer !== undefined) return answer(response, socket);
    if (!this.#isSigned(headers, body)) return void response.writeHead(401).end();
    const { type, data } = JSON.parse(body) as {
      type: string;
      data: { version: number; records: readonly Message[] };
    };
    if (type === 'headrace.test') return void response.writeHead(204).end();
    const cut = this.cuts.shift();
    if (cut === 'before_write') return void socket.destroy();
    const results = data.records.map((record) => this.#apply(data.version, record));
    if (cut === 'after_write') return void socket.destroy();
    sendJson(response, 200, { results });
  }

  #isSigned(headers: IncomingMessage['headers'], body: string): boolean {
    const { 'webhook-id': id, 'webhook-timestamp': at } = headers;
    const signatures = String(headers['webhook-signature']).split(' ');
    return this.secrets.some((secret) => {
      const hmac = createHmac('sha256', Buffer.from(secret, 'base64'));
      return signatures.includes(`v1,${hmac.update(`${id}.${at}.${body}`).digest('base64')}`);
    });
  }

  #apply(version: number, message: Message): object {
    const { id, action, key, fields, only_if_empty: ifEmpty = [], segments = {} } = message;
    const known = this.records.get(id);
    if (known !== undefined && known.version > version) {
      this.stale += 1;
      return { status: 'stale' };
    }
    const isLive = known?.key !== undefined;
    if (action === 'remove') {
      this.records.set(id, { version, key: undefined, fields: {}, segments: {} });
      return { status: isLive ? 'applied' : 'gone' };
    }
    if (action === 'update' && !isLive) return { status: 'gone' };
    const written = Object.entries(fields).filter(
      ([name]) => !ifEmpty.includes(name) || (known?.fields[name] ?? null) === null,
    );
    this.records.set(id, {
      version,
      key,
      fields: { ...known?.fields, ...Object.fromEntries(written) },
      segments: { ...known?.segments, ...segments },
    });
    return { status: isLive ? 'applied' : 'created' };
  }
}

export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** Starts a receiver on a free port; it is gone at the end of the test. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const receiver = new Receiver();
  receiver.secrets.push(secret.replace('whsec_', ''));
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    receiver.receive(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/headrace`;
  return receiver;
}
