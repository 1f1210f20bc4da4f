import type { DataflowDetails, SegmentStanding } from '@headrace/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkMemberships } from './check-memberships.ts';
import { choices, contactFields, field, objectOf } from './describe.fixture.ts';
import { preparePlan } from './prepared-plan.ts';
import { planOf } from './record-plan.ts';
import { tellMemberships } from './tell-memberships.ts';

const contact = objectOf('Contact', [
  ...contactFields,
  field('Gold__c', 'string'),
  field('Vip__c', 'boolean', { nillable: false }),
  field('Short__c', 'string', { length: 7 }),
  field('Pick__c', 'picklist', { restrictedPicklist: true, ...choices(['realized', 'In'], 'exited') }),
  field('Half__c', 'picklist', { restrictedPicklist: true, ...choices('realized') }),
  field('Fixed__c', 'string', { createable: false, updateable: false }),
  field('Segments__c', 'textarea', { length: 30 }),
  field('Tags__c', 'multipicklist', { length: 4099, restrictedPicklist: true, ...choices('Vip', 'Gold') }),
]);
const standing = (name: string, more: Partial<SegmentStanding> = {}): SegmentStanding => ({
  segmentId: name,
  name,
  mappingId: null,
  listId: null,
  status: 'realized',
  onExit: 'write_status',
  ...more,
});
const tell = (segments: readonly SegmentStanding[], details: DataflowDetails) =>
  tellMemberships(segments, planOf(details, contact, undefined).details, contact);

describe('campaigns', () => {
  const details = { membership: 'campaign' };
  const of = (more: Partial<SegmentStanding>) =>
    tell([standing('Gold', { listId: '701', ...more })], details);
  test.each([
    [{}, 'Member'],
    [{ status: 'existing' }, 'Member'],
    [{ status: 'exited' }, 'Exited'],
    [{ status: 'exited', onExit: 'remove' }, null],
  ] as const)('%j stands at %j', (more, status) => {
    expect(of(more)).toEqual({ fields: {}, lists: [{ listId: '701', status }] });
  });
  test('an exit that changes nothing, and a Campaign that is not there yet, are not told', () => {
    expect(of({ status: 'exited', onExit: 'nothing' }).lists).toEqual([]);
    expect(of({ listId: null }).lists).toEqual([]);
  });
});

describe('a field for each segment', () => {
  const details = { membership: 'segment_fields' };
  test.each([
    ['Gold__c', {}, { Gold__c: 'realized' }],
    ['gold__C', { status: 'existing' }, { Gold__c: 'realized' }],
    ['Gold__c', { status: 'exited' }, { Gold__c: 'exited' }],
    ['Gold__c', { status: 'exited', onExit: 'remove' }, { Gold__c: null }],
    ['Gold__c', { status: 'exited', onExit: 'nothing' }, {}],
    ['Vip__c', {}, { Vip__c: true }],
    ['Vip__c', { status: 'exited', onExit: 'remove' }, { Vip__c: false }],
    ['Pick__c', {}, { Pick__c: 'realized' }],
    ['Gone__c', {}, { Gone__c: 'realized' }],
  ] as const)('%s %j: %j', (mappingId, more, fields) => {
    expect(tell([standing('Gold', { mappingId, ...more })], details)).toEqual({ fields, lists: [] });
  });
});

describe('one field for all', () => {
  const details = { membership: 'one_field', membership_field: 'Segments__c' };
  const [vip, gold] = [standing('Vip'), standing('Gold', { mappingId: 'G' })];
  test('lists those the profile is in, in one order, whatever the order they come in', () => {
    expect(tell([vip, gold], details).fields).toEqual({ Segments__c: 'G;Vip' });
    expect(tell([gold, vip], details).fields).toEqual({ Segments__c: 'G;Vip' });
    const tags = { membership: 'one_field', membership_field: 'tags__c' };
    expect(tell([standing('gold'), vip], tags).fields).toEqual({ Tags__c: 'Vip;Gold' });
  });
  test('one that was left is taken out, unless exits change nothing; the last one clears it', () => {
    expect(tell([vip, { ...gold, status: 'exited' }], details).fields).toEqual({ Segments__c: 'Vip' });
    expect(tell([{ ...gold, status: 'exited' }], details).fields).toEqual({ Segments__c: null });
    expect(tell([{ ...gold, status: 'exited', onExit: 'nothing' }], details).fields).toEqual({
      Segments__c: 'G',
    });
    expect(tell([], details).fields).toEqual({});
  });
});

test('or nothing at all', () => {
  expect(tell([standing('Gold', { listId: '701', mappingId: 'Gold__c' })], { membership: 'none' })).toEqual({
    fields: {},
    lists: [],
  });
});

describe('before a segment is activated', () => {
  let mapping = [{ target: 'email' }, { target: 'lastName' }];
  beforeEach(() => {
    mapping = [{ target: 'email' }, { target: 'lastName' }];
  });
  const check = (details: DataflowDetails, ...segments: readonly SegmentStanding[]) => {
    checkMemberships(segments, mapping, preparePlan(planOf(details, contact, undefined)));
  };
  const fields = { membership: 'segment_fields' };
  const gold = standing('Gold', { mappingId: 'Gold__c' });

  test.each([
    [gold],
    [standing('Vip', { mappingId: 'Vip__c' })],
    [standing('Pick', { mappingId: 'pick__C' })],
  ])('%j can be told', (segment) => {
    expect(() => check(fields, segment)).not.toThrow();
  });

  test.each([
    [[standing('Gold')], /Give the segment "Gold" a Mapping ID/],
    [[standing('Gold', { mappingId: 'Gild__c' })], /Contact\.Gild__c\. Did you mean "Gold__c"\?/],
    [[standing('Gold', { mappingId: 'Nowhere_at_all__c' })], /Make it in Salesforce/],
    [[standing('Gold', { mappingId: 'Fixed__c' })], /may not write: Contact\.Fixed__c/],
    [[standing('Gold', { mappingId: 'Score__c' })], /of type double.*has to be of type string/],
    [[standing('Gold', { mappingId: 'Short__c' })], /shorter than the 8 characters/],
    [[standing('Gold', { mappingId: 'Half__c' })], /lacks exited/],
    [[gold, standing('Vip', { mappingId: 'GOLD__C' })], /"Gold" and "Vip" have the same Mapping ID, Gold__c/],
  ])('%j cannot', (segments, message) => {
    expect(() => check(fields, ...segments)).toThrow(
      expect.objectContaining({
        code: 'destination_misconfigured',
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each([
    { ...fields, match_field: 'Key__c' },
    { membership: 'one_field', membership_field: 'key__c', match_field: 'Key__c' },
  ])('promise 3: not in the field that records are matched by: %j', (details) => {
    expect(() => check(details, standing('Key', { mappingId: 'Key__c' }))).toThrow(/Key__c .*matched by/);
  });

  test.each([
    [fields, 'lastName'],
    [fields, 'LastName'],
    [{ membership: 'one_field', membership_field: 'lastname' }, 'lastName'],
  ])('not in a field that is mapped: %j %s', (details, target) => {
    mapping = [{ target: 'email' }, { target }];
    expect(() => check(details, standing('Gold', { mappingId: 'LastName' }))).toThrow(
      /Contact\.LastName is to tell of segments, and the mapping writes to it too/,
    );
    mapping = [{ target: 'email' }];
    expect(() => check(details, standing('Gold', { mappingId: 'LastName' }))).not.toThrow();
  });

  test.each([
    ['', [gold], /Fill in the Membership field/],
    ['Segment__c', [gold], /Did you mean "Segments__c"\?/],
    ['Vip__c', [gold], /of type boolean/],
    ['Segments__c', [standing('a;b')], /semicolon/],
    ['Tags__c', [standing('Silver')], /lacks "Silver"/],
    [
      'Segments__c',
      [standing('x'.repeat(15)), standing('y'.repeat(15))],
      /would need 31 characters .* holds 30/,
    ],
  ])('the one field %j with %j cannot', (membership_field, segments, message) => {
    expect(() => check({ membership: 'one_field', membership_field }, ...segments)).toThrow(message);
  });

  test('the one field holds what just fits', () => {
    const details = { membership: 'one_field', membership_field: 'Segments__c' };
    expect(() => check(details, standing('x'.repeat(15)), standing('y'.repeat(14)))).not.toThrow();
  });
});
