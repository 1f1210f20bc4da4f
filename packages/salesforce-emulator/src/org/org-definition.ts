import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json.ts';
import { type CustomField, parseCustomField } from '../schema/custom-field.ts';

/** A person who can sign in. Password grants send password and security token joined without a space. */
export interface OrgUser {
  readonly username: string;
  readonly password: string;
  readonly securityToken: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly active: boolean;
}

/** A client registered in the org; client id and secret are its consumer key and consumer secret. */
export interface ConnectedApp {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What an org is at its start. Limits count API calls in a rolling 24 hours; the session idles in minutes. */
export interface OrgDefinition {
  readonly name: string;
  readonly edition: string;
  readonly isSandbox: boolean;
  readonly sessionTimeoutMinutes: number;
  readonly dailyApiRequests: number;
  readonly users: readonly OrgUser[];
  readonly connectedApps: readonly ConnectedApp[];
  readonly customFields: readonly CustomField[];
}

/** Public sample credentials: they open nothing but an emulator. */
export const defaultOrgDefinition: OrgDefinition = {
  name: 'Emulated Org',
  edition: 'Developer Edition',
  isSandbox: false,
  sessionTimeoutMinutes: 120,
  dailyApiRequests: 15_000,
  users: [
    {
      username: 'integration@emulator.example',
      password: 'Emulator-Pass-1',
      securityToken: 'SampleSecurityToken00001',
      email: 'integration@emulator.example',
      firstName: 'Integration',
      lastName: 'User',
      active: true,
    },
  ],
  connectedApps: [
    {
      name: 'Sample app',
      clientId: '3MVG9.emulator.sample.client.id',
      clientSecret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
    },
  ],
  customFields: [],
};

function checkKeys(object: JsonObject, allowed: readonly string[], where: string): void {
  for (const key of Object.keys(object))
    if (!allowed.includes(key))
      throw new Error(`${where}: unknown key "${key}". Known keys are ${allowed.join(', ')}.`);
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

function read<T>(
  object: JsonObject,
  key: string,
  is: (value: unknown) => value is T,
  where: string,
  otherwise: T,
): T {
  const value = ownValue(object, key);
  if (value === undefined) return otherwise;
  if (!is(value))
    throw new Error(
      `${where}: "${key}" must be ${is === isAmount ? 'a number, 0 or more' : `a ${typeof otherwise}`}.`,
    );
  return value;
}

function readRequiredText(object: JsonObject, key: string, where: string): string {
  const value = ownValue(object, key);
  if (typeof value !== 'string' || value === '')
    throw new Error(`${where}: "${key}" must be a text of at least one character.`);
  return value;
}

function readList<T>(
  object: JsonObject,
  key: string,
  parse: (item: JsonValue, where: string) => T,
): readonly T[] | undefined {
  const value = ownValue(object, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new Error(`Org definition: "${key}" must be a list.`);
  return value.map((item: JsonValue, index) => parse(item, `Org definition: ${key}[${index}]`));
}

function parseUser(input: JsonValue, where: string): OrgUser {
  if (!isJsonObject(input)) throw new Error(`${where} must be an object.`);
  checkKeys(
    input,
    ['username', 'password', 'securityToken', 'email', 'firstName', 'lastName', 'active'],
    where,
  );
  const username = readRequiredText(input, 'username', where);
  return {
    username,
    password: readRequiredText(input, 'password', where),
    securityToken: read(input, 'securityToken', isText, where, ''),
    email: read(input, 'email', isText, where, username),
    firstName: read(input, 'firstName', isText, where, ''),
    lastName: read(input, 'lastName', isText, where, 'User'),
    active: read(input, 'active', isFlag, where, true),
  };
}

function parseApp(input: JsonValue, where: string): ConnectedApp {
  if (!isJsonObject(input)) throw new Error(`${where} must be an object.`);
  checkKeys(input, ['name', 'clientId', 'clientSecret'], where);
  const clientId = readRequiredText(input, 'clientId', where);
  return {
    name: read(input, 'name', isText, where, clientId),
    clientId,
    clientSecret: readRequiredText(input, 'clientSecret', where),
  };
}

/**
 * Reads an org definition; what it leaves out is as in the default definition.
 * Throws an Error that says which key was wrong and what was expected.
 */
export function parseOrgDefinition(input: unknown): OrgDefinition {
  if (!isJsonObject(input)) throw new Error('Org definition: expected a JSON object.');
  const where = 'Org definition';
  checkKeys(input, Object.keys(defaultOrgDefinition), where);
  const base = defaultOrgDefinition;
  return {
    name: read(input, 'name', isText, where, base.name),
    edition: read(input, 'edition', isText, where, base.edition),
    isSandbox: read(input, 'isSandbox', isFlag, where, base.isSandbox),
    sessionTimeoutMinutes: read(input, 'sessionTimeoutMinutes', isAmount, where, base.sessionTimeoutMinutes),
    dailyApiRequests: read(input, 'dailyApiRequests', isAmount, where, base.dailyApiRequests),
    users: readList(input, 'users', parseUser) ?? base.users,
    connectedApps: readList(input, 'connectedApps', parseApp) ?? base.connectedApps,
    customFields: readList(input, 'customFields', (item) => parseCustomField(item)) ?? base.customFields,
  };
}
