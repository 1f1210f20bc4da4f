import { formatCount } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';

/** Where the members of an activated segment stand, as the server counts them. */
export type DeliveryCounts = {
  readonly members: number;
  readonly activated: number;
  readonly excluded: number;
  readonly failed: number;
  readonly pending: number;
};

/** Why members are not in Salesforce: one code, how many, what to do about it. */
export type ReasonCount = {
  readonly status: 'excluded' | 'failed';
  readonly code: string;
  readonly count: number;
  readonly remedy: string;
};

/** What reading Salesforce back found. */
export type ReadBack = {
  /** Contacts found for members that count as activated. */
  readonly found: number;
  readonly equal: number;
  readonly differing: number;
  readonly missing: number;
};

export type SegmentSummary = {
  readonly name: string;
  readonly profiles: number;
  /** Absent where the segment is not activated. */
  readonly delivery?: DeliveryCounts & {
    readonly reasons: readonly ReasonCount[];
    readonly readBack: ReadBack;
  };
};

/**
 * What does not add up, one sentence each; empty when all numbers agree. The numbers of one segment come from
 * different places (memberships, delivery states, Salesforce itself), so that agreement means something.
 */
export const findDisagreements = (segments: readonly SegmentSummary[]): readonly string[] =>
  segments.flatMap(({ name, profiles, delivery }) => {
    if (delivery === undefined) return [];
    const { members, activated, excluded, failed, pending, reasons, readBack } = delivery;
    const counted = (status: ReasonCount['status']): number =>
      reasons.filter((reason) => reason.status === status).reduce((sum, { count }) => sum + count, 0);
    const unequal = (what: string, found: number, expected: string, wanted: number): readonly string[] =>
      found === wanted
        ? []
        : [`${name}: ${what} ${formatCount(found)}, but ${expected} ${formatCount(wanted)}.`];
    return [
      ...unequal('profiles in the segment', profiles, 'members in the dataflow', members),
      ...unequal(
        'activated + excluded + failed + pending',
        activated + excluded + failed + pending,
        'members',
        members,
      ),
      ...unequal('reasons for excluded', counted('excluded'), 'excluded', excluded),
      ...unequal('reasons for failed', counted('failed'), 'failed', failed),
      ...unequal('Contacts in Salesforce', readBack.found, 'activated', activated),
      ...unequal('Contacts that hold the mapped values', readBack.equal, 'activated', activated),
      ...(pending > 0 ? [`${name}: ${formatCount(pending)} still pending.`] : []),
    ];
  });

const notActivated = '–';

/** The table of segments. */
export const renderSegments = (segments: readonly SegmentSummary[]): string =>
  renderTable(
    [
      { title: 'Segment' },
      ...['Profiles in it', 'Contacts in Salesforce', 'Activated', 'Excluded', 'Failed', 'Pending'].map(
        (title) => ({ title, align: 'right' as const }),
      ),
    ],
    segments.map(({ name, profiles, delivery }) => [
      name,
      formatCount(profiles),
      ...(delivery === undefined
        ? [notActivated, notActivated, notActivated, notActivated, notActivated]
        : [
            delivery.readBack.found,
            delivery.activated,
            delivery.excluded,
            delivery.failed,
            delivery.pending,
          ].map(formatCount)),
    ]),
  );

const remedyWidth = 62;

/** The table of reasons, most frequent first; undefined when everybody is in Salesforce. */
export const renderReasons = (segments: readonly SegmentSummary[]): string | undefined => {
  const reasons = segments
    .flatMap(({ delivery }) => delivery?.reasons ?? [])
    .toSorted(
      (a, b) => a.status.localeCompare(b.status) || b.count - a.count || a.code.localeCompare(b.code),
    );
  if (reasons.length === 0) return undefined;
  return renderTable(
    [
      { title: 'Not in Salesforce' },
      { title: 'Reason' },
      { title: 'Profiles', align: 'right' },
      { title: 'What to do', width: remedyWidth },
    ],
    reasons.map(({ status, code, count, remedy }) => [status, code, formatCount(count), remedy]),
  );
};
