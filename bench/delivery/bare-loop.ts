import { Agent, request } from 'node:http';
import type { BenchOrg } from './bench-org.ts';
import { contactOf } from './people.ts';

const recordsPerCall = 200;

/** A token for a client that does nothing else. */
export async function signIn({ url, credentials }: BenchOrg): Promise<string> {
  const { username, password, security_token, client_id, client_secret } = credentials;
  const form = { grant_type: 'password', username, client_id, client_secret } as Record<string, string>;
  const body = new URLSearchParams({ ...form, password: `${password}${security_token}` });
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body });
  return String(((await answer.json()) as { access_token: string }).access_token);
}

/**
 * The least that could be done: bodies prepared beforehand, posted 200 records each with so many calls in flight,
 * answers read and thrown away. @param other values than people's own. @returns seconds.
 */
export async function bareLoop(
  org: BenchOrg,
  people: number,
  inFlight: number,
  other: Readonly<Record<string, string>> = {},
): Promise<number> {
  const authorization = `Bearer ${await signIn(org)}`;
  const bodies: string[] = [];
  for (let from = 0; from < people; from += recordsPerCall)
    bodies.push(
      JSON.stringify({
        allOrNone: false,
        records: Array.from({ length: Math.min(recordsPerCall, people - from) }, (_, index) => ({
          attributes: { type: 'Contact' },
          ...contactOf(from + index),
          ...other,
        })),
      }),
    );
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const headers = { authorization, 'content-type': 'application/json' };
  const url = new URL('/services/data/v67.0/composite/sobjects/Contact/Email', org.url);
  let next = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
        const { status, text } = await patch(url, { agent, headers }, body);
        if (status !== 200 || text.includes('"success":false'))
          throw new Error(`The bare loop was answered ${status} ${text.slice(0, 200)}`);
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  agent.destroy();
  return seconds;
}

const patch = (url: URL, options: object, body: string) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    request(url, { ...options, method: 'PATCH' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => (text += part));
      answer.once('end', () => resolve({ status: answer.statusCode, text }));
    })
      .once('error', reject)
      .end(body);
  });
