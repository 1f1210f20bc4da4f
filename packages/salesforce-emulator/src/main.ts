#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type OrgDefinition, parseOrgDefinition } from './definition/org-definition.ts';
import { type Org, type StartOrgOptions, startOrg } from './start-org.ts';

const usage = `Salesforce org emulator: a Salesforce org on your own machine.

  headrace-salesforce-emulator [--port N] [--host ADDRESS] [--data DIR] [--org FILE]

  --port N        TCP port, 0 for a free one (default 8083)
  --host ADDRESS  address to listen on (default 127.0.0.1)
  --data DIR      folder that keeps the org (default: in memory, gone at the end)
  --org FILE      org definition, JSON: users, apps, objects, fields, rules (default: a sample)
  --help          this text
`;

const defaultPort = 8083;

function readPort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`--port ${text}: expected a whole number from 0 to 65535.`);
  return port;
}

function readDefinition(file: string): OrgDefinition {
  try {
    return parseOrgDefinition(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`--org ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function readOptions(): StartOrgOptions | undefined {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { port: option, host: option, data: option, org: option, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return undefined;
  return {
    port: readPort(values.port),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.data === undefined ? {} : { dataDir: values.data }),
    ...(values.org === undefined ? {} : { definition: readDefinition(values.org) }),
  };
}

/** Ends on SIGTERM and SIGINT, and when a parent that started it with a message channel goes away. */
function endWith(org: Org): void {
  const end = (): void => {
    org.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (process.channel !== undefined) process.once('disconnect', end);
}

try {
  const options = readOptions();
  if (options === undefined) process.stdout.write(usage);
  else {
    const org = await startOrg(options);
    endWith(org);
    process.stdout.write(`Salesforce org emulator ready: ${org.url}\n`);
    if (process.send !== undefined) process.send({ ready: org.url });
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
