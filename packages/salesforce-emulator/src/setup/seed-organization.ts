import type { OrgState } from '../org/org-state.ts';
import { addSystemRecord } from '../org/system-record.ts';

/** Makes the one Organization record of a new org. */
export function seedOrganization(org: OrgState): void {
  if (org.nextNumbers.get('Organization') !== 1) return;
  const { name, edition, isSandbox } = org.definition;
  addSystemRecord(org, 'Organization', {
    Name: name,
    OrganizationType: edition,
    IsSandbox: isSandbox ? 1 : 0,
    InstanceName: 'EMU1',
    DefaultLocaleSidKey: 'en_US',
    LanguageLocaleKey: 'en_US',
    TimeZoneSidKey: 'GMT',
  });
}
