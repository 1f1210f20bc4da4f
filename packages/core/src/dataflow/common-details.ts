import { consentChannels } from '../governance/marketing-consent.ts';
import type { InputField } from './destination.ts';

/** How much dataflows get of calls that are scarce, relative to each other. */
export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

const usualPriority: Priority = 'normal';

/** Details that every dataflow has, whatever its destination. */
export const commonDetailFields: readonly InputField[] = [
  {
    name: 'consent_channel',
    title: 'Consent channel',
    description: 'Whose opt-outs keep people from the destination, beside opt-outs of everything.',
    required: false,
    secret: false,
    enum: consentChannels,
    default: 'email',
  },
  {
    name: 'priority',
    title: 'Priority',
    description:
      'Which dataflow is served first where calls to the destination are scarce: a low one, such as a large first export, leaves most to the others.',
    required: false,
    secret: false,
    enum: priorities,
    default: usualPriority,
  },
];

/** The priority that the details of a dataflow name. */
export const priorityOf = (details: Readonly<Record<string, string>>): Priority =>
  priorities.find((priority) => priority === details.priority) ?? usualPriority;

/** Whether nothing but the order in which things are sent differs: then what is to be sent stays as it is. */
export function isSamePayload(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete('priority');
  return [...names].every((name) => before[name] === after[name]);
}
