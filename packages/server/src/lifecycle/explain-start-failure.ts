import { HeadraceError } from '@headrace/core';

const listening: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'The port is in use by another program. Set HEADRACE_PORT to a free port, or stop the other program.',
  EACCES: 'The port needs more rights. Set HEADRACE_PORT to a port of 1024 or higher.',
  EADDRNOTAVAIL: 'This machine has no such address. Correct HEADRACE_HOST.',
};

/** By the code of Node or the SQLSTATE of PostgreSQL. */
const database: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it cut the connection',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name cannot be looked up',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'it does not answer',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'it has no such database',
  '42501': 'the user may not create tables in it',
  '53300': 'it has no free connection',
  '57P03': 'it is starting up or shutting down',
};

/** One clear message for what a person can act on; the stack for what nobody expected. */
export function explainStartFailure(error: unknown): string {
  if (error instanceof HeadraceError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if ('syscall' in error && error.syscall === 'listen' && listening[code] !== undefined)
    return listening[code];
  if (code === 'ENOSPC' || code === '53100')
    return 'The disk is full. Free some space, or set HEADRACE_DATA_DIR to a folder on another disk.';
  // pg gives no code when the server accepts a connection and then says nothing.
  const reason = database[code] ?? (/timeout/i.test(error.message) ? 'it does not answer' : undefined);
  if (reason !== undefined)
    return `The database cannot be used: ${reason}${code === '' ? '' : ` (${code})`}. Correct DATABASE_URL, or unset it to have PostgreSQL started for you.`;
  return error.stack ?? error.message;
}
