import type { DestinationCall } from '@headrace/core';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { WebhookRequest } from './webhook-client.ts';

/** What the log of calls keeps of one request. Its path is the account's affair and may hold a secret: the type stands for it. */
export function toLoggedCall(
  { type, data, purpose }: WebhookRequest,
  body: string,
  result: HttpExchange,
  timing: Pick<DestinationCall, 'startedAt' | 'durationMs'>,
): DestinationCall {
  const isAnswer = result.kind === 'answer';
  const records = typeof data === 'object' && data !== null && 'records' in data ? data.records : undefined;
  return {
    ...timing,
    purpose,
    method: 'POST',
    path: type,
    status: isAnswer ? result.status : null,
    wasSent: isAnswer || result.wasSent,
    code: isAnswer ? (result.status < 300 ? null : `HTTP_${result.status}`) : result.code,
    requestBytes: Buffer.byteLength(body),
    responseBytes: isAnswer ? Buffer.byteLength(result.text) : 0,
    records: Array.isArray(records) ? records.length : null,
    usage: null,
  };
}
