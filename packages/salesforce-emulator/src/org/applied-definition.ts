import type { OrgState } from './org-state.ts';

/** What was applied last, by the name of the part. */
export const appliedTable =
  'create table if not exists _applied_definition (part text primary key, content text not null) without rowid;';

/**
 * Whether a part of the definition is not what was applied last; it is noted as applied. So a definition that
 * stays the same does not undo at every start what people changed in the org since.
 */
export function isNews(org: OrgState, part: string, content: unknown): boolean {
  const text = JSON.stringify(content);
  const row = org.database.prepare('select content from _applied_definition where part = ?').get(part);
  if (row?.content === text) return false;
  org.database
    .prepare('insert or replace into _applied_definition (part, content) values (?, ?)')
    .run(part, text);
  return true;
}
