import { randomUUID } from 'node:crypto';
import { clockAt, compileSegmentRule, type IdentifiedRule, type JsonObject } from '@headrace/core';
import type pg from 'pg';
import type { PreparedRecord } from '../ingestion/prepared-record.ts';
import { rows } from '../store/database.ts';
import { readRuleSchema } from '../store/dataset-contexts.ts';

/** A dataset of people and one of their events, both enabled for Profile. */
export async function insertDatasets(
  pool: pg.Pool,
  retentionDays: number | null = null,
): Promise<{ people: string; events: string }> {
  const [people, events] = [randomUUID(), randomUUID()];
  for (const [datasetId, classId, groups, days] of [
    [people, 'xdm.individual-profile', '{xdm.loyalty-details,xdm.demographic-details}', null],
    [events, 'xdm.experience-event', '{xdm.commerce-details}', retentionDays],
  ]) {
    const schemaId = randomUUID();
    await pool.query(
      `insert into xdm_schema (schema_id, name, class_id, field_group_ids, identities, created_at, enabled_for_profile_at)
       values ($1::uuid, $1::text, $2, $3, '[]', now(), now())`,
      [schemaId, classId, groups],
    );
    await pool.query(
      `insert into dataset (dataset_id, name, schema_id, created_at, enabled_for_profile_at, retention_days)
       values ($1::uuid, $1::text, $2, now(), now(), $3)`,
      [datasetId, schemaId, days],
    );
  }
  return { people, events };
}

/** A published segment that no job was begun for. */
export async function insertSegment(pool: pg.Pool, name: string, expression: string): Promise<string> {
  const segmentId = randomUUID();
  compileSegmentRule(expression, await readRuleSchema(pool));
  await pool.query(
    `insert into segment (segment_id, name, description, expression, evaluated_at, created_at)
     values ($1, $2, '', $3, now(), now())`,
    [segmentId, name, expression],
  );
  return segmentId;
}

/** What a dataset says of one person, as of an instant. */
export function personRecord(
  datasetId: string,
  id: string,
  at: Date,
  document: JsonObject,
  links: readonly string[] = [],
): PreparedRecord {
  const identities = [id, ...links].map((value) => ({ namespace: 'CRMID', value }));
  return {
    datasetId,
    kind: 'profile',
    recordId: id,
    stampMs: at.getTime(),
    receivedMs: at.getTime(),
    batchId: null,
    primary: { namespace: 'CRMID', value: id },
    identities,
    document,
  };
}

/** Something a person did. */
export function eventRecord(
  datasetId: string,
  id: string,
  event: { readonly id: string; readonly at: Date; readonly type: string },
): PreparedRecord {
  const document = { _id: event.id, timestamp: event.at.toISOString(), eventType: event.type };
  return {
    ...personRecord(datasetId, id, event.at, document),
    kind: 'event',
    recordId: event.id,
  };
}

/** Who is in which segments, by profile, as the memberships stored say; profiles in none are left out. */
export async function storedMembers(pool: pg.Pool): Promise<Map<string, string[]>> {
  const found = await rows<{ profileId: string; segmentIds: string[] }>(
    pool,
    `select profile_id as "profileId", array_agg(segment_id::text order by segment_id::text collate "C") as "segmentIds"
     from segment_membership where status <> 'exited' group by profile_id order by profile_id`,
  );
  return new Map(found.map(({ profileId, segmentIds }) => [profileId, segmentIds]));
}

/** The same, as the rules say now of everyone and all their events, with nothing kept. */
export async function membersFromScratch(
  pool: pg.Pool,
  rules: readonly IdentifiedRule[],
  now: Date,
): Promise<Map<string, string[]>> {
  const people = await rows<{ profileId: string; document: JsonObject; events: JsonObject[] }>(
    pool,
    `select profile_id as "profileId", p.document,
       (select coalesce(json_agg(e.document), '[]') from profile_event e where e.profile_id = p.profile_id) as events
     from profile p order by profile_id`,
  );
  return new Map(
    people.flatMap(({ profileId, document, events }) => {
      const segments = new Set<string>();
      for (const { segmentId, rule } of rules)
        if (rule.evaluate({ document, events, segments }, clockAt(now))) segments.add(segmentId);
      return segments.size > 0 ? [[profileId, [...segments].sort()] as const] : [];
    }),
  );
}
