import type { AssignmentRuleDefinition } from '../definition/assignment-rules.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId, normalizeId, recordNumberOf } from '../org/record-id.ts';
import { seedRow } from '../org/seed-rows.ts';
import { userIdOf } from '../org/users.ts';
import { type Draft, valueAfter } from '../records/draft.ts';
import type { WriteContext } from '../records/write-context.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import { integerOf } from '../store/database.ts';
import { compileRuleFormula } from './compile-rule-formula.ts';
import { passesFilter } from './filter-criterion.ts';
import { keptBySection } from './kept-by-section.ts';

interface CompiledEntry {
  readonly fits: (context: WriteContext, draft: Draft) => boolean;
  readonly assignTo: string;
}

/** An assignment rule ready to be asked of records. */
export interface CompiledAssignment {
  readonly name: string;
  readonly objectName: string;
  readonly active: boolean;
  readonly entries: readonly CompiledEntry[];
}

/** The rules of a definition. Throws an Error for the first that does not fit the org. */
export const assignmentRulesOf = keptBySection(
  (rules: readonly AssignmentRuleDefinition[], catalog: Catalog): readonly CompiledAssignment[] => {
    const compiled = rules.map((rule) => compileRule(catalog, rule));
    const [first, second] = compiled.filter(({ active }) => active);
    if (first !== undefined && second !== undefined)
      throw new Error(`Assignment rule ${second.name}: ${first.name} is active already; one rule can be.`);
    return compiled;
  },
);

function compileRule(catalog: Catalog, rule: AssignmentRuleDefinition): CompiledAssignment {
  const where = `Assignment rule ${rule.name}`;
  const object = findObject(catalog, rule.object);
  if (object === undefined) throw new Error(`${where}: there is no object ${rule.object}.`);
  const entries = rule.entries.map((entry) => compileEntry(catalog, object, entry, where));
  return { name: rule.name, objectName: object.name, active: rule.active, entries };
}

function compileEntry(
  catalog: Catalog,
  object: ObjectType,
  { formula, criteria, assignTo }: AssignmentRuleDefinition['entries'][number],
  where: string,
): CompiledEntry {
  const condition = formula === undefined ? undefined : compileRuleFormula(catalog, object, formula, where);
  const filters = criteria.map((criterion) => {
    const field = findField(object, criterion.field);
    if (field === undefined)
      throw new Error(`${where}: there is no field ${criterion.field} on ${object.name}.`);
    return (draft: Draft): boolean => passesFilter(field, criterion, valueAfter(draft, field.name));
  });
  return {
    assignTo,
    // A formula without a value is one that does not hold.
    fits: (context, draft) =>
      filters.every((filter) => filter(draft)) && (condition?.(context, draft) ?? true) === true,
  };
}

/** The user or queue of this name. */
export function assigneeId(org: OrgState, name: string): string | undefined {
  const userId = userIdOf(org, name);
  if (userId !== undefined) return userId;
  const queue = org.database
    .prepare('select rid from "Group" where lower(DeveloperName) = lower(?) and Type = \'Queue\'')
    .get(name);
  return queue === undefined ? undefined : createRecordId('00G', integerOf(queue.rid));
}

/** Brings the rows of AssignmentRule up to the definition. Throws an Error for an owner that is not there. */
export function seedAssignmentRules(org: OrgState): void {
  const object = findObject(org.catalog, 'AssignmentRule');
  if (object === undefined) return;
  const rules = assignmentRulesOf(org.definition.assignmentRules, org.catalog);
  const kept = rules.map(({ name, objectName, active, entries }) => {
    for (const { assignTo } of entries)
      if (assigneeId(org, assignTo) === undefined)
        throw new Error(`Assignment rule ${name}: there is no user or queue ${assignTo}.`);
    return seedRow(org, object, { Name: name, SobjectType: objectName }, { Active: active ? 1 : 0 });
  });
  org.database
    .prepare('delete from AssignmentRule where rid not in (select value from json_each(?))')
    .run(JSON.stringify(kept));
}

/** The rule a caller asked for: by its id, active or not, else the active one; undefined for none. */
export function chosenRule(context: WriteContext): CompiledAssignment | 'unknown' | undefined {
  const { org, options } = context;
  const rules = assignmentRulesOf(org.definition.assignmentRules, org.catalog);
  const wanted = options.assignmentRule;
  if (wanted === 'none') return undefined;
  if (wanted === 'active') return rules.find(({ active }) => active);
  const id = normalizeId(wanted.id.trim()) ?? '';
  const row = id.startsWith('01Q')
    ? org.database.prepare('select Name from AssignmentRule where rid = ?').get(recordNumberOf(id) ?? 0)
    : undefined;
  return rules.find(({ name }) => name === row?.Name) ?? 'unknown';
}
