import type { OrgState } from '../../org/org-state.ts';
import type { Row } from '../../store/database.ts';

/** A status the members of a campaign may have. */
export interface MemberStatus {
  readonly rid: number;
  readonly label: string;
  readonly isDefault: boolean;
  readonly hasResponded: boolean;
  readonly sortOrder: number;
}

const toStatus = (row: Row): MemberStatus => ({
  rid: Number(row.rid),
  label: String(row.Label),
  isDefault: row.IsDefault === 1,
  hasResponded: row.HasResponded === 1,
  sortOrder: Number(row.SortOrder ?? 0),
});

/** The statuses of a campaign in their order. */
export function statusesOf(org: OrgState, campaignId: string): readonly MemberStatus[] {
  const sql = `select rid, Label, IsDefault, HasResponded, SortOrder from CampaignMemberStatus
    where CampaignId = ? and IsDeleted = 0 order by SortOrder, rid`;
  return org.database.prepare(sql).all(campaignId).map(toStatus);
}

/** The status a member gets: the one named, in any case, or else the campaign's default. */
export function chooseStatus(
  statuses: readonly MemberStatus[],
  wanted: string | null,
): MemberStatus | undefined {
  const folded = wanted?.toLowerCase();
  return (
    statuses.find(({ label }) => label.toLowerCase() === folded) ??
    statuses.find(({ isDefault }) => isDefault) ??
    statuses[0]
  );
}
