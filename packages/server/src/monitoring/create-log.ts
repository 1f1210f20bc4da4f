import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/config.ts';

/**
 * The log of the program: one JSON object per line, without secrets or personal data.
 *
 * Of an error (under the key `err`) it keeps name, code, message, stack and causes, and nothing else: those of
 * PostgreSQL carry the failing row in `detail` and `where`.
 */
export function createLog(level: LogLevel, to?: DestinationStream): Logger {
  const options = { level, base: null, serializers: { err: describeError } };
  return pino(options, to ?? openOutput());
}

/**
 * Standard output, written beside the work: with a full disk a synchronous writer would hold up the whole program
 * until there is room again. Lines that cannot be written are lost.
 */
function openOutput(): DestinationStream {
  const output = pino.destination({ dest: 1, sync: false });
  output.on('error', () => undefined);
  return output;
}

type DescribedError = {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
};

const mostCauses = 5;

function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error))
    return { name: typeof error, message: 'Something that is no error was thrown.' };
  return {
    name: error.name,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause instanceof Error &&
      depth < mostCauses && { cause: describeError(error.cause, depth + 1) }),
  };
}
