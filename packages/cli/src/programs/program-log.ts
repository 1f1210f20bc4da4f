import { closeSync, copyFileSync, fstatSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A log file that a child process writes to itself, so that it never waits for the program nor outgrows it. */
export type ProgramLog = {
  readonly path: string;
  /** Open for appending; hand it to the child as its output. */
  readonly fd: number;
  /** What was written since this log was opened, at most the last 64 kB. */
  readNew(): string;
  close(): void;
};

const maxTailBytes = 64_000;

/** Opens a log for appending, readable by its owner only. */
export const openProgramLog = (path: string): ProgramLog => {
  const fd = openSync(path, 'a', 0o600);
  const startBytes = fstatSync(fd).size;
  return {
    path,
    fd,
    readNew: () => readFileSync(path).subarray(startBytes).subarray(-maxTailBytes).toString('utf8'),
    close: () => closeSync(fd),
  };
};

/**
 * Keeps a log that is being appended to below a size: its content moves to `<path>.1` and it starts again,
 * in place, since its writer holds it open. Lines written between the two steps are lost.
 */
export const boundLog = async (path: string, maxBytes: number): Promise<void> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size <= maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
};

const maxReasonLines = 12;

/**
 * The part of a log that tells a person why a program did not start: plain lines without stack traces, and the
 * messages of structured lines of level error (pino's 50) or above. Empty when it says nothing.
 */
export const explainLog = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => messageOf(line.trimEnd()))
    .slice(-maxReasonLines)
    .join('\n');

const errorLevel = 50;

const messageOf = (line: string): readonly string[] => {
  if (line.trim() === '' || /^\s+at |^\(node:|^Node\.js v|^\(Use `node/.test(line)) return [];
  if (!line.startsWith('{')) return [line];
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null) return [line];
    const isError = 'level' in parsed && typeof parsed.level === 'number' && parsed.level >= errorLevel;
    return isError && 'msg' in parsed && typeof parsed.msg === 'string' ? [parsed.msg] : [];
  } catch {
    return [line];
  }
};
