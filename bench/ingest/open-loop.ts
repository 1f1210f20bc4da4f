import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServer } from './bench-server.ts';
import { recordOf } from './people.ts';

export type OpenLoop = {
  readonly datasetId: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** The person each request is about, by its number. */
  readonly personOf: (request: number) => number;
  readonly round: number;
};

export type OpenLoopResult = {
  /** Records answered 2xx per second, from the first scheduled time to the last answer. */
  readonly recordsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/**
 * Sends single records at arrival times fixed in advance, whatever has been answered; latency counts from the
 * scheduled time, so that a stall shows in every request it delays.
 * @throws Error when a request is not answered 2xx.
 */
export async function sendOpenLoop(
  { url, token }: Pick<BenchServer, 'url' | 'token'>,
  { datasetId, perSecond, seconds, personOf, round }: OpenLoop,
): Promise<OpenLoopResult> {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const total = perSecond * seconds;
  const latencies = new Float64Array(total);
  const options = {
    agent,
    hostname,
    port,
    method: 'POST',
    path: `/api/v1/datasets/${datasetId}/records`,
  };
  const send = (index: number, scheduledAt: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(recordOf(personOf(index), round));
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const call = request({ ...options, headers }, (response) => {
        response.resume().once('end', () => {
          latencies[index] = performance.now() - scheduledAt;
          if (response.statusCode === 200) resolve();
          else reject(new Error(`A record was answered ${response.statusCode}.`));
        });
      });
      call.once('error', reject);
      call.end(body);
    });

  const startedAt = performance.now();
  const answers: Promise<void>[] = [];
  while (answers.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1);
    while (answers.length < due)
      answers.push(send(answers.length, startedAt + (answers.length / perSecond) * 1_000));
    await sleep(1);
  }
  await Promise.all(answers);
  const elapsedS = (performance.now() - startedAt) / 1_000;
  agent.destroy();
  latencies.sort();
  const quantile = (share: number): number =>
    Math.round((latencies[Math.ceil(total * share) - 1] ?? 0) * 10) / 10;
  return {
    recordsPerS: Math.round(total / elapsedS),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
  };
}
