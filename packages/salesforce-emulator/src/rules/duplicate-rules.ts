import type { OrgDefinition } from '../definition/org-definition.ts';
import { type Catalog, findObject } from '../schema/catalog.ts';
import type { MatchMethod } from '../schema/match-key.ts';
import { findField, type ObjectType } from '../schema/object-type.ts';
import type { MatchColumn } from '../store/match-index.ts';
import { alternativesOf } from './boolean-filter.ts';
import { keptBySection } from './kept-by-section.ts';
import { decidingField, type MatchCriterion, type MatchPath, matchCriterion } from './match-criterion.ts';
import { type RuleToCompile, standardDuplicateRules } from './standard-duplicate-rules.ts';

/** One way to be a duplicate: every criterion holds. Candidates are found by those that have an index. */
export interface MatchAlternative {
  readonly criteria: readonly MatchCriterion[];
  readonly indexed: readonly MatchCriterion[];
  readonly columns: readonly MatchColumn[];
}

export interface CompiledMatching {
  readonly name: string;
  readonly object: ObjectType;
  readonly engine: 'ExactMatchEngine' | 'FuzzyMatchEngine';
  readonly alternatives: readonly MatchAlternative[];
}

export interface CompiledDuplicateRule {
  readonly name: string;
  readonly object: ObjectType;
  readonly onCreate: RuleToCompile['onCreate'];
  readonly onUpdate: RuleToCompile['onUpdate'];
  readonly alertText: string;
  readonly matchings: readonly CompiledMatching[];
  /** The record's own fields that the rule looks at: an update of none of them does not run it. */
  readonly decidedBy: ReadonlySet<string>;
}

type Sections = Pick<OrgDefinition, 'duplicateRules' | 'standardDuplicateRules'>;
type ByObject = ReadonlyMap<string, readonly CompiledDuplicateRule[]>;

const none: ByObject = new Map();

/** The active duplicate rules by the name of their object. Throws an Error for the first that does not fit the org. */
export function duplicateRulesOf(definition: Sections, catalog: Catalog): ByObject {
  const { duplicateRules, standardDuplicateRules: names } = definition;
  return duplicateRules.length === 0 && names.length === 0 ? none : compileAll(definition, catalog);
}

const compileAll = keptBySection((definition: Sections, catalog: Catalog): ByObject => {
  const byObject = new Map<string, CompiledDuplicateRule[]>();
  const standard = definition.standardDuplicateRules.map((name) => standardDuplicateRules[name]);
  for (const rule of [...definition.duplicateRules, ...standard]) {
    const compiled = compileRule(catalog, rule);
    if (!rule.active) continue;
    const { name } = compiled.object;
    byObject.set(name, [...(byObject.get(name) ?? []), compiled]);
  }
  return byObject;
});

function compileRule(catalog: Catalog, rule: RuleToCompile): CompiledDuplicateRule {
  const where = `Duplicate rule ${rule.name}`;
  const object = findObject(catalog, rule.object);
  if (object === undefined) throw new Error(`${where}: there is no object ${rule.object}.`);
  const matchings = rule.matchingRules.map((matching) => {
    const place = `${where}: matching rule ${matching.name}`;
    const other = findObject(catalog, matching.object ?? rule.object);
    if (other === undefined) throw new Error(`${place}: there is no object ${matching.object}.`);
    try {
      return compileMatching(catalog, object, other, matching);
    } catch (error) {
      throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  const { name, onCreate, onUpdate, alertText } = rule;
  const criteria = matchings.flatMap(({ alternatives }) => alternatives.flatMap((each) => each.criteria));
  const decidedBy = new Set(criteria.map(({ own }) => decidingField(own)));
  return { name, object, onCreate, onUpdate, alertText, matchings, decidedBy };
}

function compileMatching(
  catalog: Catalog,
  own: ObjectType,
  other: ObjectType,
  { name, booleanFilter, fields }: RuleToCompile['matchingRules'][number],
): CompiledMatching {
  const criteria = fields.map((field) => matchCriterion(catalog, own, other, field));
  const numbers =
    booleanFilter === undefined
      ? [fields.map((_, index) => index + 1)]
      : alternativesOf(booleanFilter, fields.length);
  const alternatives = numbers.map((chosen) =>
    alternativeOf(chosen.flatMap((number) => criteria[number - 1] ?? [])),
  );
  const engine = criteria.every(({ method }) => method === 'Exact') ? 'ExactMatchEngine' : 'FuzzyMatchEngine';
  return { name, object: other, engine, alternatives };
}

/** The fewer records share a value, the earlier its method stands. */
const selective: readonly MatchMethod[] = [
  'Exact',
  'Phone',
  'Street',
  'CompanyName',
  'LastName',
  'Zip',
  'Title',
  'City',
  'FirstName',
];
const maxIndexed = 2;

function alternativeOf(criteria: readonly MatchCriterion[]): MatchAlternative {
  const isIndexable = ({ other, blank, method }: MatchCriterion): boolean =>
    other.parent === undefined && blank !== 'IgnoreBlanks' && method !== 'FirstName';
  const indexable = criteria.filter(isIndexable);
  const byFirstName = criteria.filter(
    ({ method, blank }) => method === 'FirstName' && blank !== 'IgnoreBlanks',
  );
  const indexed = (indexable.length === 0 ? byFirstName : indexable)
    .toSorted((left, right) => selective.indexOf(left.method) - selective.indexOf(right.method))
    .slice(0, maxIndexed);
  if (indexed.length === 0)
    throw new Error('a parent alone finds no record; add a field of the record itself.');
  const columns = indexed.map(({ other, method }) => ({ field: other.field, method }));
  return { criteria, indexed, columns };
}

/** Whether the user may see all that a rule compares; where not, Salesforce does not run it. */
export function isRuleVisible(rule: CompiledDuplicateRule, catalog: Catalog): boolean {
  let known = visible.get(catalog);
  if (known === undefined) {
    known = new WeakMap();
    visible.set(catalog, known);
  }
  let answer = known.get(rule);
  if (answer === undefined) {
    const sees = ({ object, parent, field }: MatchPath): boolean => {
      const seen = findObject(catalog, object.name);
      if (seen === undefined || findField(seen, parent?.reference.name ?? field.name) === undefined)
        return false;
      const above = parent === undefined ? seen : findObject(catalog, parent.object.name);
      return above !== undefined && findField(above, field.name) !== undefined;
    };
    answer = rule.matchings.every(({ alternatives }) =>
      alternatives.every(({ criteria }) => criteria.every(({ own, other }) => sees(own) && sees(other))),
    );
    known.set(rule, answer);
  }
  return answer;
}

const visible = new WeakMap<Catalog, WeakMap<CompiledDuplicateRule, boolean>>();
