import { errorWire, HeadraceError } from '@headrace/core';
import { readWire } from './read-wire.ts';

/** The error that an answer of the server carries, with its code; `internal` when it carries none. */
export const readApiError = (call: string, status: number, answer: unknown): HeadraceError => {
  try {
    const { error } = readWire(errorWire, answer, 'The error');
    const logged = error.error_id === undefined ? '' : ` (error ${error.error_id} in the log of the server)`;
    return new HeadraceError(error.code, `${error.message} ${error.remedy}${logged}`, {
      details: error.details,
    });
  } catch {
    return new HeadraceError('internal', `The server answered ${status} to ${call}, without saying why.`);
  }
};
