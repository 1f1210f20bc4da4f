import type { ConnectionFinding } from '@headrace/core';
import { type Answer, toAnswer } from './answer.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('permissions');

/** Objects that may be written, what for, and which rights that takes beside reading them. */
const objects = [
  { name: 'Contact', use: 'people', needs: ['createable', 'updateable'] },
  { name: 'Lead', use: 'people kept as Leads', needs: ['createable', 'updateable'] },
  { name: 'Account', use: 'the companies of people', needs: ['createable', 'updateable'] },
  { name: 'Campaign', use: 'segments kept as Campaigns', needs: ['createable'] },
  {
    name: 'CampaignMember',
    use: 'segments kept as Campaigns',
    needs: ['createable', 'updateable', 'deletable'],
  },
] as const;
const rights = { createable: 'Create', updateable: 'Edit', deletable: 'Delete' } as const;

/**
 * What the user may do with the objects that dataflows can write.
 * @param answer of `GET /sobjects`. Source: REST API Developer Guide, "Describe Global".
 */
export function judgePermissions(answer: unknown): readonly ConnectionFinding[] {
  const { sobjects } = toAnswer(answer);
  const described = new Map(
    (Array.isArray(sobjects) ? sobjects : []).map((object: unknown) => {
      const facts = toAnswer(object);
      return [facts.name, facts] as const;
    }),
  );
  return objects.map(({ name, use, needs }) => {
    const lacking = findLacking(described.get(name), needs);
    if (lacking.length === 0) return find('ok', name, `The user may write ${name} records (${use}).`);
    // Which objects matter the dataflows decide, but most keep people as Contacts.
    return find(
      name === 'Contact' ? 'warning' : 'note',
      name,
      `The user lacks ${lacking.join(', ')} on ${name}: dataflows cannot write ${use}.`,
      name.startsWith('Campaign')
        ? `If dataflows are to, give the user a permission set with ${lacking.join(', ')} on ${name}, and make it a Marketing User (Setup > Users).`
        : `If dataflows are to, give the user a permission set with ${lacking.join(', ')} on ${name} (Setup > Permission Sets > Object Settings).`,
    );
  });
}

/** An object that the user may not read is not described at all. */
function findLacking(facts: Answer | undefined, needs: readonly (keyof typeof rights)[]): readonly string[] {
  if (facts === undefined) return ['Read', ...needs.map((need) => rights[need])];
  const read = facts.queryable === true ? [] : ['Read'];
  return [...read, ...needs.filter((need) => facts[need] !== true).map((need) => rights[need])];
}
