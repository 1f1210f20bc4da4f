import { delimiter, isAbsolute, resolve } from 'node:path';
import { HeadraceError, parseRegion, type Region } from '@headrace/core';

/** Everything the environment decides, read once at start. */
export type Config = {
  /** 0 asks the system for a free one. */
  readonly port: number;
  /** Where to listen, and beside loopback the only name that requests may use for this server. */
  readonly host: string;
  /** Origin that browsers reach this server by; undefined for the one they came to. */
  readonly publicUrl: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** A PostgreSQL of one's own; undefined for the embedded one. */
  readonly databaseUrl: string | undefined;
  /** 32 bytes that seal credentials; undefined when the data folder keeps the key. */
  readonly secretKey: Buffer | undefined;
  readonly logLevel: LogLevel;
  /** Whether credentials may be sent to this machine, as an emulated org needs. */
  readonly allowLoopbackDestinations: boolean;
  /** Hosts that credentials may be sent to beside a destination's own: `host`, `host:port`, or all below `*.domain`. */
  readonly allowedDestinationHosts: readonly string[];
  /** Calls that Headrace may make to one org in any 24 hours, where nobody chose otherwise. */
  readonly apiCallAllowance: number;
  /** Whose numbering plan a phone number without country code follows. */
  readonly defaultPhoneRegion: Region;
  /** Absolute folders of this machine whose files batches may be imported from. */
  readonly importFolders: readonly string[];
};

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment. A variable that is set to nothing counts as not set.
 * @param workingDir what a relative data folder is relative to.
 * @throws HeadraceError `invalid_input` with a detail for each variable that is wrong; never with its value
 *   where that could be a secret.
 */
export function readConfig(environment: Environment, workingDir: string): Config {
  const problems: string[] = [];
  const read = <Value>(name: string, otherwise: Value, parse: (text: string) => Value | Problem): Value => {
    const text = environment[name]?.trim();
    if (text === undefined || text === '') return otherwise;
    const value = parse(text);
    if (!(value instanceof Problem)) return value;
    problems.push(`${name} ${value.message}`);
    return otherwise;
  };

  const config: Config = {
    port: read('HEADRACE_PORT', 4400, wholeNumber(0, 65_535)),
    host: read('HEADRACE_HOST', '127.0.0.1', hostName),
    publicUrl: read<string | undefined>('HEADRACE_PUBLIC_URL', undefined, origin),
    dataDir: resolve(
      workingDir,
      read('HEADRACE_DATA_DIR', '.headrace', (text) => text),
    ),
    databaseUrl: read<string | undefined>('DATABASE_URL', undefined, databaseUrl),
    secretKey: read<Buffer | undefined>('HEADRACE_SECRET_KEY', undefined, secretKey),
    logLevel: read<LogLevel>('HEADRACE_LOG_LEVEL', 'info', logLevel),
    allowLoopbackDestinations: read('HEADRACE_ALLOW_LOOPBACK_DESTINATIONS', false, trueOrFalse),
    allowedDestinationHosts: read<readonly string[]>('HEADRACE_ALLOWED_DESTINATION_HOSTS', [], hostPatterns),
    apiCallAllowance: read('HEADRACE_API_CALL_ALLOWANCE', 40_000, wholeNumber(1, 1_000_000_000)),
    defaultPhoneRegion: read<Region>('HEADRACE_DEFAULT_PHONE_REGION', 'US', phoneRegion),
    importFolders: read<readonly string[]>('HEADRACE_IMPORT_FOLDERS', [], folders),
  };
  if (problems.length > 0)
    throw new HeadraceError('invalid_input', `The environment is faulty. ${problems.join(' ')}`, {
      details: problems.map((message) => ({ message })),
    });
  return config;
}

class Problem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number | Problem => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? value
      : new Problem(`has to be a whole number from ${least} to ${most}.`);
  };

const hostName = (text: string): string | Problem =>
  /^[A-Za-z0-9.:_-]{1,253}$/.test(text) ? text : new Problem('has to be an address or a host name.');

const origin = (text: string): string | Problem => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
    ? url.origin
    : new Problem('has to be an address such as https://headrace.example.com, without a path.');
};

const hostPattern = /^(?:\*\.[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?)$/;

const hostPatterns = (text: string): readonly string[] | Problem => {
  const list = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((host) => host !== '');
  return list.every((host) => hostPattern.test(host))
    ? list
    : new Problem(
        'has to be hosts (sf.example.com, sf.example.com:8443, *.sf.example.com), divided by commas.',
      );
};

const databaseUrl = (text: string): string | Problem =>
  URL.canParse(text) && /^postgres(?:ql)?:$/.test(new URL(text).protocol)
    ? text
    : new Problem('has to be a URL such as postgres://user:password@host:5432/database.');

const secretKey = (text: string): Buffer | Problem => {
  const key = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  return key.length === 32
    ? key
    : new Problem('has to be 32 bytes in base64; `openssl rand -base64 32` makes one.');
};

const logLevel = (text: string): LogLevel | Problem =>
  logLevels.find((level) => level === text.toLowerCase()) ??
  new Problem(`has to be one of ${logLevels.join(', ')}.`);

const trueOrFalse = (text: string): boolean | Problem =>
  text === 'true' || text === '1'
    ? true
    : text === 'false' || text === '0'
      ? false
      : new Problem('has to be true or false.');

const phoneRegion = (text: string): Region | Problem =>
  parseRegion(text) ?? new Problem('has to be a two-letter country code such as US or DE.');

const folders = (text: string): readonly string[] | Problem => {
  const list = text.split(delimiter).filter((folder) => folder !== '');
  return list.every((folder) => isAbsolute(folder))
    ? list.map((folder) => resolve(folder))
    : new Problem(`has to be absolute paths of folders, divided by "${delimiter}".`);
};
