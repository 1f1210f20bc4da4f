import { type Condition, exact, type RuleNodeOf, type Translating } from './rule-condition.ts';

/** Units of one length; those of the calendar are left to JavaScript. */
const lengths: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};
/** The years 1 to 9999, which PostgreSQL and JavaScript write alike. */
const [earliest, latest] = [-62_135_596_800_000, 253_402_300_799_999];

/** `timestamp occurs < 7 days before now` of an event: bounds that are computed here. */
export function occursBeforeNow(node: RuleNodeOf<'occurs'>, translating: Translating): Condition | undefined {
  const { time, constraint } = node;
  const { row, now, parameters } = translating;
  if (row.document !== 'e.document' || time.kind !== 'path' || !row.isRoot(time.root)) return undefined;
  if (time.steps.length !== 1 || time.steps[0]?.key !== 'timestamp') return undefined;
  if (constraint.kind !== 'distance' || constraint.direction !== 'before') return undefined;
  if (constraint.reference.kind !== 'instant' || constraint.reference.name !== 'now') return undefined;
  const length = lengths[constraint.unit];
  const farMs = now.getTime() - constraint.amount * (length ?? Number.NaN);
  if (!(farMs >= earliest && farMs <= latest)) return undefined;
  const far = parameters.add(new Date(farMs).toISOString(), 'timestamptz');
  const near = parameters.add(now.toISOString(), 'timestamptz');
  switch (constraint.operator) {
    case '<':
      return exact(`(e.at > ${far} and e.at <= ${near})`);
    case '<=':
      return exact(`(e.at >= ${far} and e.at <= ${near})`);
    case '>':
      return exact(`(e.at < ${far})`);
    case '>=':
      return exact(`(e.at <= ${far})`);
    default:
      return undefined;
  }
}
