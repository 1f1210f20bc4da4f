import type { ConnectionFinding, ConnectionReport } from '@headrace/core';
import type pg from 'pg';
import { readAccountNames } from '../store/accounts.ts';

/**
 * A report that also tells of other accounts of the organization: who is kept in which record is known by account, so
 * that people sent through two of them at once may get two records.
 */
export async function tellOtherAccounts(
  pool: pg.Pool,
  { accountId, destinationType }: { readonly accountId: string; readonly destinationType: string },
  report: ConnectionReport,
): Promise<ConnectionReport> {
  const { organizationId, organizationName } = report;
  const others = await readAccountNames(pool, { destinationType, organizationId }, accountId);
  if (others.length === 0) return report;
  const names = others.map((name) => JSON.stringify(name)).join(', ');
  const message = `The organization ${organizationName} is connected by another account, too: ${names}. People sent through both at once may get two records, for records are kept by account.`;
  const remedy = 'Send the people of one object through one account; several dataflows can share it.';
  const finding: ConnectionFinding = {
    topic: 'sign_in',
    subject: organizationName,
    severity: 'warning',
    message,
    remedy,
  };
  return {
    ...report,
    warnings: [...report.warnings, `${message} ${remedy}`],
    findings: [...(report.findings ?? []), finding],
  };
}
