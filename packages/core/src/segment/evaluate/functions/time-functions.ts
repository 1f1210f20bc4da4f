import type { TimeUnit } from '../../syntax/ast.ts';
import { beginOf, isOnCalendar } from '../calendar.ts';
import { countTime } from '../cost.ts';
import { noteUnitEnd } from '../occurs.ts';
import { asTime } from '../value.ts';
import type { Implementation } from './call.ts';

const datePart =
  (unit: TimeUnit, part: (date: Date) => number): Implementation =>
  ({ run, target }) => {
    countTime(run);
    const time = asTime(target);
    if (time === undefined || !isOnCalendar(time.begin)) return undefined;
    noteUnitEnd(run, time, unit);
    return part(new Date(time.begin));
  };
const currentPart =
  (part: (date: Date) => number): Implementation =>
  ({ run }) =>
    part(new Date(beginOf(run.clock.now, 'day')));

/** Parts of times, in UTC. */
export const timeFunctions = {
  getMonth: datePart('month', (date) => date.getUTCMonth() + 1),
  getYear: datePart('year', (date) => date.getUTCFullYear()),
  getDayOfMonth: datePart('day', (date) => date.getUTCDate()),
  currentMonth: currentPart((date) => date.getUTCMonth() + 1),
  currentYear: currentPart((date) => date.getUTCFullYear()),
  currentDayOfMonth: currentPart((date) => date.getUTCDate()),
} satisfies Readonly<Record<string, Implementation>>;
