import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const cli = join(import.meta.dirname, '..', 'packages', 'cli', 'src', 'main.ts');
const sampleMs = 100;

/**
 * `headrace start --once` in an empty data folder, then again on its data, as a person would: seconds from the
 * start of the command to its end, and the largest resident memory of the server process (Linux only, else 0).
 */
export async function firstPath(): Promise<Record<string, number>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'headrace-bench-'));
  try {
    const first = await startOnce(dataDir);
    const second = await startOnce(dataDir);
    return {
      first_start_s: first.seconds,
      second_start_s: second.seconds,
      server_peak_rss_mb: Math.max(first.peakRssMb, second.peakRssMb),
    };
  } finally {
    const location = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => undefined);
    if (location !== undefined) await rm(location.trim(), { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function startOnce(dataDir: string): Promise<{ seconds: number; peakRssMb: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [cli, 'start', '--once'], {
    env: { ...process.env, HEADRACE_DATA_DIR: dataDir, HEADRACE_PORT: String(await freePort()) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakRssMb = 0;
  const sampler = setInterval(async () => {
    peakRssMb = Math.max(peakRssMb, await serverPeakRssMb(dataDir));
  }, sampleMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`headrace start --once ended with ${code}.`);
  return { seconds: Math.round((performance.now() - startedAt) / 100) / 10, peakRssMb };
}

/** VmHWM of the server that works on the data folder, from Linux's /proc. */
async function serverPeakRssMb(dataDir: string): Promise<number> {
  let peak = 0;
  for (const pid of await readdir('/proc').catch(() => []))
    try {
      const [command, environment] = await Promise.all([
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
        readFile(`/proc/${pid}/environ`, 'utf8'),
      ]);
      if (
        !/server[/\\]src[/\\]main\.ts/.test(command) ||
        !environment.includes(`HEADRACE_DATA_DIR=${dataDir}\0`)
      )
        continue;
      const kilobytes = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
      peak = Math.max(peak, Math.round(Number(kilobytes ?? 0) / 1024));
    } catch {
      // No process, or one that has just ended or belongs to someone else.
    }
  return peak;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
