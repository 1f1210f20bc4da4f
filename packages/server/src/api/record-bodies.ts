import { invalidInput, maxRecordsPerRequest } from '@headrace/core';

/** The records of a request's body, each with where it stands there. */
export type RecordsOfBody = readonly { readonly pointer: string; readonly record: unknown }[];

/**
 * A record by itself, `{records: […]}`, or as senders of the platform's streaming API write them: a message
 * `{header, body: {xdmEntity}}`, or `{messages: […]}`. No class and no standard field group has a field `records`,
 * `messages` or `body` at its top.
 * @throws HeadraceError `invalid_input` when it is none of them, or a message names another dataset.
 */
export function readRecordsBody(body: object, datasetId: string): RecordsOfBody {
  if ('records' in body)
    return listOf(body, 'records').map((record, index) => ({ pointer: `/records/${index}`, record }));
  if ('messages' in body)
    return listOf(body, 'messages').map((message, index) =>
      readMessage(message, `/messages/${index}`, datasetId),
    );
  return [isMessage(body) ? readMessage(body, '', datasetId) : { pointer: '', record: body }];
}

function listOf(body: object, name: 'records' | 'messages'): readonly unknown[] {
  const list: unknown = Reflect.get(body, name);
  const pointer = `/${name}`;
  if (!Array.isArray(list) || Object.keys(body).length > 1)
    throw invalidInput(`Several records are sent as {"${name}": […]} with nothing beside it.`, [
      { pointer, message: 'Expected a list and no other member.' },
    ]);
  if (list.length === 0 || list.length > maxRecordsPerRequest)
    throw invalidInput(
      `A request takes 1 to ${maxRecordsPerRequest} records; this one has ${list.length}. Divide it, or upload a file as a batch.`,
      [{ pointer, message: `Expected 1 to ${maxRecordsPerRequest} records.` }],
    );
  return list;
}

function readMessage(message: unknown, at: string, datasetId: string): RecordsOfBody[number] {
  const record = memberOf(memberOf(message, 'body'), 'xdmEntity');
  if (record === undefined)
    throw invalidInput('A message has its record under body.xdmEntity.', [
      { pointer: `${at}/body/xdmEntity`, message: 'Expected the record as an object.' },
    ]);
  const named = memberOf(memberOf(message, 'header'), 'datasetId');
  if (named !== undefined && named !== datasetId)
    throw invalidInput('A message is meant for another dataset. Send it to that one.', [
      { pointer: `${at}/header/datasetId`, message: 'Expected the dataset of the path, or no dataset.' },
    ]);
  return { pointer: `${at}/body/xdmEntity`, record };
}

const isMessage = (body: object): boolean => memberOf(memberOf(body, 'body'), 'xdmEntity') !== undefined;

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
