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
