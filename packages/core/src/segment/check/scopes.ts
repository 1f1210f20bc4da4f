import type { XdmObject } from '../../xdm/field.ts';
import type { RuleSchema } from '../segment-rule.ts';
import type { PqlType } from './pql-type.ts';

/** A level that names alone can stand in: the profile, or the item of a lambda without named parameters. */
export type Level = {
  readonly names: PqlType;
  /** `$1`, `$2`. */
  readonly parameters: readonly PqlType[];
};

/** What names mean at one place of a rule. */
export type Scopes = {
  /** Outermost (the profile) first. */
  readonly levels: readonly Level[];
  readonly variables: ReadonlyMap<string, PqlType>;
  /** Loops over lists around the place. */
  readonly loops: number;
};

/** Loops inside one another a rule may have: each multiplies the work by the items of a list. */
export const maxLoops = 3;

const open = (title: string, properties: XdmObject['properties']): PqlType => ({
  kind: 'object',
  field: { type: 'object', title, properties },
  isOpen: true,
});

/** Without a schema only the time of an event is known: XDM requires it of every one. */
const unknownEvent = open('Event', {
  timestamp: { type: 'string', format: 'date-time', title: 'Timestamp' },
});

/** The type of one event. */
export const eventType = (schema: RuleSchema | undefined): PqlType =>
  schema === undefined ? unknownEvent : { kind: 'object', field: schema.event };

/** The whole rule's scope. */
export function profileScopes(schema: RuleSchema | undefined): Scopes {
  const profile: PqlType =
    schema === undefined ? open('Profile', {}) : { kind: 'object', field: schema.profile };
  return { levels: [{ names: profile, parameters: [profile] }], variables: new Map(), loops: 0 };
}

export const withLevel = (scopes: Scopes, level: Level): Scopes => ({
  ...scopes,
  levels: [...scopes.levels, level],
});

export const withVariables = (
  scopes: Scopes,
  variables: readonly (readonly [string, PqlType])[],
): Scopes => ({ ...scopes, variables: new Map([...scopes.variables, ...variables]) });

export const withLoop = (scopes: Scopes): Scopes => ({ ...scopes, loops: scopes.loops + 1 });
