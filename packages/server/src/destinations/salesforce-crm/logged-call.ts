import type { CallPurpose, DestinationCall } from '@headrace/core';
import type { HttpExchange, HttpRequest } from '../http/http-exchange.ts';
import type { ApiUsage } from './classify-failure.ts';
import { redactPath } from './redact-path.ts';

/** What the log of calls keeps of one request: neither its body nor that of its answer. */
export function toLoggedCall(
  request: Pick<HttpRequest, 'method' | 'path' | 'body'> & { readonly purpose: CallPurpose },
  content: unknown,
  result: HttpExchange,
  timing: Pick<DestinationCall, 'startedAt' | 'durationMs'>,
  usage: ApiUsage | undefined,
): DestinationCall {
  const { purpose, method, path, body } = request;
  const isAnswer = result.kind === 'answer';
  return {
    ...timing,
    purpose,
    method,
    path: redactPath(path),
    status: isAnswer ? result.status : null,
    wasSent: isAnswer || result.wasSent,
    code: isAnswer ? readCode(result) : result.code,
    requestBytes: body === null ? 0 : Buffer.byteLength(body),
    responseBytes: isAnswer ? Buffer.byteLength(result.text) : 0,
    records: countRecords(path, content),
    usage: usage ?? null,
  };
}

/** `[{"errorCode":"…"}]` of the API, `{"error":"…"}` of a sign-in. */
function readCode({ status, text }: Extract<HttpExchange, { kind: 'answer' }>): string | null {
  if (status < 400) return null;
  const [, code] = /"(?:errorCode|error)"\s*:\s*"(\w{1,80})"/.exec(text.slice(0, 4_000)) ?? [];
  return code ?? `HTTP_${status}`;
}

/** Records or ids that a request names: of one collection, or of those that a Composite call carries. */
function countRecords(path: string, content: unknown): number | null {
  const ids = /[?&]ids=([^&]*)/.exec(path)?.[1];
  if (ids !== undefined) return ids.split(',').length;
  if (typeof content !== 'object' || content === null) return null;
  if ('records' in content && Array.isArray(content.records)) return content.records.length;
  if ('ids' in content && Array.isArray(content.ids)) return content.ids.length;
  if (!('compositeRequest' in content) || !Array.isArray(content.compositeRequest)) return null;
  const counts = content.compositeRequest.map((part: unknown) =>
    typeof part === 'object' && part !== null && 'url' in part
      ? countRecords(String(part.url), 'body' in part ? part.body : undefined)
      : null,
  );
  return counts.every((count) => count === null)
    ? null
    : counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
}
