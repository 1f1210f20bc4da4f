import { describe, expect, test } from 'vitest';
import {
  classifyRefusal,
  classifyStrangeAnswer,
  classifyTransport,
  isSessionExpired,
} from './classify-failure.ts';

const read = { what: 'for Contacts', host: 'acme.my.salesforce.com', effect: 'read' } as const;
const write = { ...read, what: 'to write Contacts', effect: 'write' } as const;
const list = (errorCode: string, message = 'text with secret@person.example') =>
  JSON.stringify([{ message, errorCode }]);
const refused = (status: number, text: string) => ({
  status,
  text,
  usage: undefined,
  retryAfterSeconds: undefined,
});

/** Status, error code, class for a read, class for a write. */
const rows = [
  [400, 'JSON_PARSER_ERROR', 'request_rejected', 'request_rejected'],
  [400, 'MALFORMED_QUERY', 'request_rejected', 'request_rejected'],
  [400, 'MALFORMED_ID', 'request_rejected', 'request_rejected'],
  [400, 'INVALID_FIELD', 'misconfigured', 'misconfigured'],
  [400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'misconfigured', 'misconfigured'],
  [400, 'INVALID_TYPE', 'misconfigured', 'misconfigured'],
  [400, 'STORAGE_LIMIT_EXCEEDED', 'misconfigured', 'misconfigured'],
  [400, 'QUERY_TIMEOUT', 'unavailable', 'outcome_unknown'],
  [400, 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', 'unavailable', 'unavailable'],
  [401, 'INVALID_SESSION_ID', 'authentication_rejected', 'authentication_rejected'],
  [401, 'INVALID_AUTH_HEADER', 'authentication_rejected', 'authentication_rejected'],
  [403, 'REQUEST_LIMIT_EXCEEDED', 'rate_limited', 'rate_limited'],
  [403, 'API_DISABLED_FOR_ORG', 'misconfigured', 'misconfigured'],
  [403, 'API_CURRENTLY_DISABLED', 'misconfigured', 'misconfigured'],
  [403, 'TXN_SECURITY_NO_ACCESS', 'misconfigured', 'misconfigured'],
  [403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'misconfigured', 'misconfigured'],
  [403, 'SOMETHING_NEW', 'misconfigured', 'misconfigured'],
  [404, 'NOT_FOUND', 'misconfigured', 'misconfigured'],
  [405, 'METHOD_NOT_ALLOWED', 'request_rejected', 'request_rejected'],
  [408, 'SOMETHING_NEW', 'request_rejected', 'outcome_unknown'],
  [410, 'UNSUPPORTED_API_VERSION', 'misconfigured', 'misconfigured'],
  [414, 'URI_TOO_LONG', 'request_rejected', 'request_rejected'],
  [415, 'UNSUPPORTED_MEDIA_TYPE', 'request_rejected', 'request_rejected'],
  [420, 'SOMETHING_NEW', 'unavailable', 'unavailable'],
  [429, 'SOMETHING_NEW', 'rate_limited', 'rate_limited'],
  [500, 'UNKNOWN_EXCEPTION', 'unavailable', 'outcome_unknown'],
  [500, 'SOMETHING_NEW', 'unavailable', 'outcome_unknown'],
  [503, 'SERVER_UNAVAILABLE', 'unavailable', 'outcome_unknown'],
  [503, 'REQUEST_LIMIT_EXCEEDED', 'rate_limited', 'outcome_unknown'],
  [501, 'NOT_IMPLEMENTED_BY_EMULATOR', 'unavailable', 'outcome_unknown'],
] as const;

describe('an answer that is no success', () => {
  test.each(rows)('%i %s', (status, errorCode, ofRead, ofWrite) => {
    expect(classifyRefusal(refused(status, list(errorCode)), read).code).toBe(`destination_${ofRead}`);
    expect(classifyRefusal(refused(status, list(errorCode)), write).code).toBe(`destination_${ofWrite}`);
  });

  test.each([
    [301, ''],
    [302, '<html>login</html>'],
    [300, '["/services/data/v67.0/sobjects/Contact/003"]'],
    [403, '<html>blocked</html>'],
    [404, '{"errorCode":"NOT_FOUND"}'],
    [408, ''],
    [420, ''],
    [502, '<html>Bad Gateway</html>'],
    [503, '{"message":"down"}'],
    [504, ''],
    [400, '[{"message":"no code"}]'],
    [400, '[{"errorCode":"lower case"}]'],
    [400, '[{"errorCode":'],
    [400, '[]'],
  ])('%i %j is not of Salesforce, so it proves nothing about a write', (status, text) => {
    expect(classifyRefusal(refused(status, text), read).code).toBe('destination_unavailable');
    expect(classifyRefusal(refused(status, text), write).code).toBe('destination_outcome_unknown');
  });

  test('the message names status, code and host, and nothing of what Salesforce wrote', () => {
    const { message } = classifyRefusal(refused(403, list('API_DISABLED_FOR_ORG')), write);
    expect(message).toContain('acme.my.salesforce.com');
    expect(message).toContain('403 API_DISABLED_FOR_ORG');
    expect(message).not.toContain('person.example');
  });

  test('a used-up day waits longer than too many calls at once', () => {
    const limit = refused(403, list('REQUEST_LIMIT_EXCEEDED'));
    const day = classifyRefusal({ ...limit, usage: { used: 15_000, allowed: 15_000 } }, write);
    const now = classifyRefusal({ ...limit, usage: { used: 10, allowed: 15_000 } }, write);
    expect(day.retryAfterMs).toBe(900_000);
    expect(now.retryAfterMs).toBe(30_000);
    expect(classifyRefusal({ ...limit, retryAfterSeconds: 7 }, write).retryAfterMs).toBe(7_000);
  });

  test('only an ended session is worth signing in again', () => {
    expect(isSessionExpired(401, list('INVALID_SESSION_ID'))).toBe(true);
    expect(isSessionExpired(403, list('INVALID_SESSION_ID'))).toBe(false);
    expect(isSessionExpired(401, list('INVALID_AUTH_HEADER'))).toBe(false);
    expect(isSessionExpired(401, '<html>')).toBe(false);
  });
});

test('a success that is not what was asked for leaves a write open', () => {
  expect(classifyStrangeAnswer(read, 'HTML').code).toBe('destination_unavailable');
  expect(classifyStrangeAnswer(write, 'HTML').code).toBe('destination_outcome_unknown');
});

describe('a request without an answer', () => {
  test.each([
    ['ENOTFOUND', 'does not resolve'],
    ['EAI_AGAIN', 'does not resolve'],
    ['ECONNREFUSED', 'refused'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no connection'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS'],
    ['ECONNRESET', 'cut'],
    ['UND_ERR_SOCKET', 'cut'],
    ['TIMED_OUT', 'in time'],
    ['UND_ERR_HEADERS_TIMEOUT', 'in time'],
    ['ABORTED', 'given up'],
    ['BODY_TOO_LARGE', 'too large'],
    ['BAD_BODY', 'unreadable'],
    ['HPE_INVALID_CONSTANT', 'unreadable'],
  ])('%s', (code, reason) => {
    const unsent = classifyTransport({ wasSent: false, code }, write);
    expect(unsent.code).toBe('destination_unavailable');
    expect(unsent.message).toContain(reason);
    expect(classifyTransport({ wasSent: true, code }, write).code).toBe('destination_outcome_unknown');
    expect(classifyTransport({ wasSent: true, code }, read).code).toBe('destination_unavailable');
  });
});
