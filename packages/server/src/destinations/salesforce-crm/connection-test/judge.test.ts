import type { ConnectionFinding } from '@headrace/core';
import { describe, expect, test } from 'vitest';
import { judgeDuplicateRules } from './duplicate-rules.ts';
import { byImportance, warningsOf } from './finding.ts';
import { judgeLimits, readApiUsage } from './limits.ts';
import { judgePermissions } from './permissions.ts';
import { judgeScopes, requireApiScope } from './scopes.ts';

const brief = (findings: readonly ConnectionFinding[]) =>
  findings.map(({ severity, subject }) => `${severity} ${subject}`);

test('what matters most comes first; warnings carry what to do', () => {
  const finding = (severity: ConnectionFinding['severity'], message: string): ConnectionFinding => ({
    topic: 'api',
    subject: 's',
    severity,
    message,
    remedy: severity === 'problem' ? 'Mend it.' : null,
  });
  const found = [finding('ok', 'a'), finding('warning', 'b'), finding('note', 'c'), finding('problem', 'd')];
  expect(byImportance(found).map(({ message }) => message)).toEqual(['d', 'b', 'c', 'a']);
  expect(warningsOf(found)).toEqual(['d Mend it.', 'b']);
});

describe('scopes', () => {
  test('api is needed, and a refresh token where there is one', () => {
    expect(brief(judgeScopes(['api', 'web'], false)).filter((text) => !text.startsWith('ok'))).toEqual([
      'note web',
    ]);
    const offline = judgeScopes(['api', 'offline_access'], true);
    expect(offline.filter(({ message }) => message.includes('granted and needed'))).toHaveLength(3);
    expect(brief(judgeScopes(['full', 'refresh_token'], true))).toContain('ok api');
    expect(brief(judgeScopes(null, false))).toEqual(['note scopes']);
  });

  test.each([[['openid', 'web']], [[]]])('%j opens nothing of the API', (granted) => {
    expect(() => requireApiScope(granted)).toThrow('Manage user data via APIs (api)');
  });

  test.each([[['api']], [['full']], [null]])('%j may', (granted) => {
    expect(() => requireApiScope(granted)).not.toThrow();
  });
});

describe('permissions', () => {
  const object = (name: string, rights: object = {}) => ({
    name,
    queryable: true,
    createable: true,
    updateable: true,
    deletable: true,
    ...rights,
  });

  test('an object that is not described cannot be read', () => {
    const [contact, lead] = judgePermissions({ sobjects: [object('Lead', { updateable: false })] });
    expect(contact).toMatchObject({ severity: 'warning', subject: 'Contact' });
    expect(contact?.message).toContain('lacks Read, Create, Edit on Contact');
    expect(lead?.message).toContain('lacks Edit on Lead');
  });

  test('an answer of another shape is as good as none', () => {
    for (const answer of [undefined, [], 'x', { sobjects: {} }, { sobjects: [null, 7] }])
      expect(judgePermissions(answer).every(({ severity }) => severity !== 'ok')).toBe(true);
  });
});

test('active duplicate rules are named by object, other objects’ not', () => {
  const rule = (SobjectType: string, MasterLabel: string) => ({ SobjectType, MasterLabel });
  const records = [
    rule('Contact', 'Standard Contact Duplicate Rule'),
    rule('Contact', 'Strict'),
    rule('Case', 'Other'),
    ...Array.from({ length: 12 }, (_, at) => rule('Lead', `Rule ${at}`)),
  ];
  const found = judgeDuplicateRules({ records });
  expect(brief(found)).toEqual(['note Contact', 'note Lead', 'ok Account']);
  expect(found[0]?.message).toContain('Standard Contact Duplicate Rule; Strict.');
  expect(found[1]?.message).toContain('Rule 9 and 2 more');
  expect(brief(judgeDuplicateRules(undefined))).toEqual(['note duplicate rules']);
});

test('limits are told, and scarce ones are a warning', () => {
  const limits = {
    DailyApiRequests: { Max: 100, Remaining: 9 },
    DataStorageMB: { Max: 5, Remaining: 4 },
    DailyBulkApiBatches: { Max: 'many' },
  };
  expect(readApiUsage(limits)).toEqual({ used: 91, allowed: 100 });
  expect(brief(judgeLimits(limits, undefined))).toEqual(['warning DailyApiRequests', 'ok DataStorageMB']);
  // Hidden from the user, the calls are known from what every answer says.
  expect(brief(judgeLimits(undefined, { used: 1, allowed: 100 }))).toEqual(['ok DailyApiRequests']);
  expect(judgeLimits(undefined, undefined)).toEqual([]);
});
