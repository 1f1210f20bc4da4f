import type { Db } from './database.ts';

export type AuditEvent = {
  readonly at: Date;
  readonly principal: string;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string | null;
  /** Ids, names of things and counts; no secrets, no personal data. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
};

export async function insertAuditEvent(db: Db, event: AuditEvent): Promise<void> {
  await db.query(
    `insert into audit_event (at, principal, action, subject_type, subject_id, facts)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      event.at,
      event.principal,
      event.action,
      event.subjectType,
      event.subjectId,
      JSON.stringify(event.facts),
    ],
  );
}
