import type { ConnectionFinding } from '@headrace/core';
import { recordsOf } from './answer.ts';
import { findingsOn } from './finding.ts';

const find = findingsOn('duplicate_rules');
const objects = ['Contact', 'Lead', 'Account'];
const shownNames = 10;

/** Source: Object Reference for the Salesforce Platform, "DuplicateRule". */
export const duplicateRulesPath = `/query?q=${encodeURIComponent(
  'SELECT SobjectType, MasterLabel FROM DuplicateRule WHERE IsActive = true',
)}`;

/** @param answer of the query; undefined where the org does not show its rules to the user */
export function judgeDuplicateRules(answer: unknown): readonly ConnectionFinding[] {
  if (answer === undefined)
    return [
      find(
        'note',
        'duplicate rules',
        'The org does not show its duplicate rules to this user.',
        'Look at Setup > Duplicate Rules: records that a rule blocks fail with DUPLICATES_DETECTED.',
      ),
    ];
  const rules = recordsOf(answer);
  return objects.map((object) => {
    const names = rules
      .filter(({ SobjectType }) => SobjectType === object)
      .map(({ MasterLabel }) => String(MasterLabel).slice(0, 80));
    if (names.length === 0) return find('ok', object, `No duplicate rule is active on ${object}.`);
    const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
    return find(
      'note',
      object,
      `Active duplicate rules on ${object}: ${names.slice(0, shownNames).join('; ')}${more}. A record that one blocks fails with DUPLICATES_DETECTED.`,
      'Check that they do not block what Headrace writes (Setup > Duplicate Rules).',
    );
  });
}
