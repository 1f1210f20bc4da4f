import Type from 'typebox';
import { newestVersion } from '../http/api-version.ts';
import type { Answer, Call } from '../http/route.ts';
import { personContext } from '../people/person-context.ts';
import type { RecordError } from '../records/record-error.ts';
import type { WriteContext } from '../records/write-context.ts';
import { refusal } from '../rest/rows.ts';
import { accept } from './read-order.ts';

/** The person an order is given for. */
export const asPerson = Type.Optional(
  Type.String({ minLength: 1, description: 'username; the first user by default' }),
);
export const recordId = Type.String({ minLength: 1 });
export const recordIds = Type.Array(recordId, { minItems: 1, maxItems: 200 });

/** Who saves; throws 400 where there is no such user. */
export const personOf = (call: Call, username: string | undefined): WriteContext =>
  accept(() => personContext(call.emulator.org, username));

/** What Salesforce's REST API would answer. */
export const refusedOrder = (call: Call, errors: readonly RecordError[]): Answer =>
  refusal({ ...call, version: `${newestVersion}.0` }, errors);
