import type { ApiError } from '../errors/api-error.ts';
import type { Answer } from './route.ts';

/** A refusal as Salesforce words it: a list with one error. */
export function errorAnswer(error: ApiError): Answer {
  const fields = error.fields === undefined ? {} : { fields: error.fields };
  return { status: error.status, body: [{ message: error.message, errorCode: error.errorCode, ...fields }] };
}
