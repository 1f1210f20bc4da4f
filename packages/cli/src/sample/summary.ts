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

/** Why members are not in Salesforce: one code, how many, what it means for a person to act on. */
export type ReasonCount = {
  readonly status: 'excluded' | 'failed' | 'pending';
  readonly code: string;
  readonly count: number;
  readonly meaning: string;
  readonly remedy: string;
};

/** What reading Salesforce back found: Contacts of members, and those of them that hold the mapped values. */
export type ReadBack = { readonly found: number; readonly equal: number };

export type SegmentSummary = {
  readonly name: string;
  /** Members by the memberships. */
  readonly profiles: number;
  /** Absent where the segment is not activated. */
  readonly delivery?: DeliveryCounts & { readonly readBack: ReadBack };
};

export type Summary = {
  readonly segments: readonly SegmentSummary[];
  readonly dataflow: DeliveryCounts & {
    readonly readBack: ReadBack;
    readonly reasons: readonly ReasonCount[];
  };
};

/**
 * What does not add up, one sentence each; empty when all numbers agree. The numbers come from different places
 * (memberships, delivery states, reasons, Salesforce itself), so that agreement means something.
 */
export const findDisagreements = ({ segments, dataflow }: Summary): readonly string[] => {
  const reasons = (status: ReasonCount['status']): number =>
    dataflow.reasons.filter((reason) => reason.status === status).reduce((sum, { count }) => sum + count, 0);
  return [
    ...segments.flatMap(({ name, profiles, delivery }) =>
      delivery === undefined
        ? []
        : [
            ...unequal(name, 'profiles in the segment', profiles, 'members to deliver', delivery.members),
            ...checkCounts(name, delivery),
          ],
    ),
    ...checkCounts('Dataflow', dataflow),
    ...unequal('Dataflow', 'reasons for excluded', reasons('excluded'), 'excluded', dataflow.excluded),
    ...unequal('Dataflow', 'reasons for failed', reasons('failed'), 'failed', dataflow.failed),
  ];
};

const checkCounts = (
  where: string,
  {
    members,
    activated,
    excluded,
    failed,
    pending,
    readBack,
  }: DeliveryCounts & { readonly readBack: ReadBack },
): readonly string[] => [
  ...unequal(
    where,
    'activated + excluded + failed + pending',
    activated + excluded + failed + pending,
    'members',
    members,
  ),
  ...unequal(where, 'Contacts in Salesforce', readBack.found, 'activated', activated),
  ...unequal(where, 'Contacts that hold the mapped values', readBack.equal, 'activated', activated),
  ...(pending > 0 ? [`${where}: ${formatCount(pending)} still pending.`] : []),
];

const unequal = (
  where: string,
  what: string,
  found: number,
  expected: string,
  wanted: number,
): readonly string[] =>
  found === wanted
    ? []
    : [`${where}: ${what} ${formatCount(found)}, but ${expected} ${formatCount(wanted)}.`];

const notActivated = '–';

const wideEnough = 140;
/** Below these widths a list is easier to read than a table. */
const narrowestSegments = 80;
const narrowestReasons = 100;

/** How wide a column of free text may be, beside columns that take `othersWidth`, on a terminal of a width. */
const fitText = (terminalWidth: number | undefined, othersWidth: number, columns: number): number => {
  const left = Math.floor(((terminalWidth ?? wideEnough) - othersWidth) / columns);
  return Math.max(11, Math.min(42, left));
};

const listSegments = (segments: readonly SegmentSummary[]): string =>
  segments
    .map(({ name, profiles, delivery }) => {
      const members = `${name}\n  ${formatCount(profiles)} profiles`;
      if (delivery === undefined) return `${members}, not activated`;
      const { activated, excluded, failed, pending, readBack } = delivery;
      return (
        `${members}, ${formatCount(readBack.found)} Contacts in Salesforce\n  ${formatCount(activated)} activated, ` +
        `${formatCount(excluded)} excluded, ${formatCount(failed)} failed, ${formatCount(pending)} pending`
      );
    })
    .join('\n');

/** The table of segments. @param terminalWidth in columns; undefined where there is no terminal */
export const renderSegments = (segments: readonly SegmentSummary[], terminalWidth?: number): string => {
  if (terminalWidth !== undefined && terminalWidth < narrowestSegments) return listSegments(segments);
  return renderTable(
    [
      { title: 'Segment', width: fitText(terminalWidth, 69, 1) },
      { title: 'Profiles in it', align: 'right', width: 10 },
      { title: 'Contacts in Salesforce', align: 'right', width: 12 },
      ...['Activated', 'Excluded', 'Failed', 'Pending'].map((title) => ({ title, align: 'right' as const })),
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
};

/** The table of reasons, most frequent first; undefined when everybody is in Salesforce. */
export const renderReasons = (
  counted: readonly ReasonCount[],
  terminalWidth?: number,
): string | undefined => {
  const reasons = counted.toSorted(
    (a, b) => a.status.localeCompare(b.status) || b.count - a.count || a.code.localeCompare(b.code),
  );
  if (reasons.length === 0) return undefined;
  if (terminalWidth !== undefined && terminalWidth < narrowestReasons)
    return reasons
      .map(
        ({ status, code, count, meaning, remedy }) =>
          `${formatCount(count)} × ${status}, ${code}\n  ${meaning}\n  ${remedy}`,
      )
      .join('\n');
  const width = fitText(terminalWidth, 56, 2);
  return renderTable(
    [
      { title: 'Not there' },
      { title: 'Reason' },
      { title: 'Profiles', align: 'right' },
      { title: 'What it means', width },
      { title: 'What to do', width },
    ],
    reasons.map(({ status, code, count, meaning, remedy }) => [
      status,
      code,
      formatCount(count),
      meaning,
      remedy,
    ]),
  );
};
