import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adminRoutes } from './admin/admin-routes.ts';
import { orgDefinitionSchema, parseOrgDefinition } from './definition/org-definition.ts';
import { parseFaultOrder } from './faults/fault-order.ts';
import { faultKinds, isFaultKind, ruleSchemaOf } from './faults/fault-rule.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const readme = read('README.md');

/** The part of the README under the heading that this matches, up to the next one of its level or above. */
function chapter(heading: RegExp): string {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && heading.test(line));
  if (start < 0) return '';
  const level = lines[start]?.indexOf(' ') ?? 0;
  const rest = lines.slice(start + 1);
  const length = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return rest.slice(0, length < 0 ? undefined : length).join('\n');
}

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 'gs'))].map(([, block]) => block ?? '');
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

/** A schema as plain JSON. */
function plain(schema: unknown): JsonObject {
  const value: JsonValue = JSON.parse(JSON.stringify(schema));
  return isJsonObject(value) ? value : {};
}
const childOf = (schema: JsonObject, name: string): JsonObject => {
  const child = schema[name];
  return isJsonObject(child) ? child : {};
};

interface Key {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
}

/** Every key of a schema, those of lists and objects inside it too; the outermost have the prefix. */
function keysOf(schema: JsonObject, prefix = ''): Key[] {
  const inner = schema.type === 'array' ? childOf(schema, 'items') : schema;
  const required = Array.isArray(inner.required) ? inner.required : [];
  return Object.entries(childOf(inner, 'properties')).flatMap(([name, value]) => {
    const child = isJsonObject(value) ? value : {};
    const isRequired = required.includes(name) && child.default === undefined;
    return [{ name: prefix + name, schema: child, isRequired }, ...keysOf(child)];
  });
}

/** A default as people write it; undefined where there is none to tell. */
function shown(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? `\`${value}\`` : undefined;
}

const isNamed = (text: string, name: string): boolean =>
  text.includes(`\`${name}\``) || text.includes(`"${name}"`);

describe('the org definition', () => {
  const sections = Object.entries(childOf(plain(orgDefinitionSchema), 'properties'));

  test.each(sections)('%s', (name, value) => {
    const section = isJsonObject(value) ? value : {};
    const own = chapter(new RegExp(`^### .*\`${name}\``));
    const text = own === '' ? chapter(/^### The org$/) : own;
    const inner = keysOf(section, own === '' ? `${name}.` : '');
    const keys = inner.length > 0 ? inner : [{ name, schema: section, isRequired: false }];
    for (const { name: key, schema, isRequired } of keys) {
      expect(isNamed(text, key), `the key ${key}`).toBe(true);
      const rows = rowsOf(text).filter((row) => isNamed(row.join('|'), key));
      const usual = shown(schema.default);
      if (usual !== undefined) expect(rows.map((row) => row.at(-1)).join('\n'), key).toContain(usual);
      if (isRequired && key !== 'from' && key !== 'to') expect(rows.join('\n'), key).toContain('**!**');
      const choices = Array.isArray(schema.enum) ? schema.enum : childOf(schema, 'items').enum;
      if (Array.isArray(choices) && key !== 'scopes')
        for (const choice of choices) expect(text, key).toContain(`\`${choice}\``);
    }
  });

  test('its example and the example file are definitions', () => {
    for (const block of blocksOf(chapter(/^## Org definition$/), 'json'))
      expect(() => parseOrgDefinition(JSON.parse(block))).not.toThrow();
    expect(() => parseOrgDefinition(JSON.parse(read('examples/org.json')))).not.toThrow();
  });
});

describe('the interface for tests', () => {
  const steering = chapter(/^## Steering it/);
  const calls = adminRoutes.flatMap(({ path, methods }) =>
    Object.keys(methods).map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '<$1>')}`),
  );
  const told = rowsOf(steering).flatMap(([first = '']) =>
    [...first.matchAll(/`([A-Z]+ \/emulator\/[^`]+)`/g)].map(([, call]) => call ?? ''),
  );

  test('every route is told, and no other', () => {
    const known = calls.map((call) => call.replace('<app>', '<clientId>'));
    expect(told.toSorted()).toEqual(known.toSorted());
  });

  test.each(faultKinds)('the fault %s with its keys', (kind) => {
    if (!isFaultKind(kind)) throw new Error(kind);
    const row = rowsOf(steering).find(([first]) => first === `\`${kind}\``);
    expect(row).toBeDefined();
    const fault = childOf(childOf(plain(ruleSchemaOf(kind)), 'properties'), 'fault');
    for (const { name } of keysOf(fault).filter(({ name }) => name !== 'kind'))
      expect(row?.join('|'), name).toContain(`\`${name}\``);
  });

  test('the keys of a rule', () => {
    const rule = childOf(plain(ruleSchemaOf('hang')), 'properties');
    for (const { name } of keysOf({ properties: rule })) expect(steering).toContain(`\`${name}\``);
  });

  test('the examples are orders', () => {
    const [lateWrite] = blocksOf(steering, 'json').map((block) => JSON.parse(block));
    expect(lateWrite).toEqual(JSON.parse(read('examples/late-write.json')));
    expect(parseFaultOrder(lateWrite).rules).toHaveLength(1);
    const lock = read('examples/account-lock.json').trim();
    expect(parseFaultOrder(JSON.parse(lock)).locks.transaction_ms).toBe(3_000);
    for (const order of [lock, read('examples/other-consumer.json').trim()])
      expect(steering).toContain(`\`${order}\``);
  });
});

describe('what it supports', () => {
  const rows = rowsOf(chapter(/^## What it supports$/)).filter(
    ([resource = '', , link]) => link !== 'Test' && !resource.startsWith('**'),
  );

  test('there are rows of every kind', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  test.each(rows)('%s', (_resource, support = '', links = '') => {
    const files = [...links.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file ?? '');
    for (const file of files) {
      expect(file).toMatch(/\.test\.ts$/);
      expect(existsSync(join(root, file)), file).toBe(true);
    }
    expect(files.length > 0 || support.includes('501')).toBe(true);
  });
});

test('the test it quotes is the one that is run', () => {
  const quoted = blocksOf(chapter(/^## In a test$/), 'ts').join('\n');
  const source = read('src/examples.http.test.ts').replace('./index.ts', '@headrace/salesforce-emulator');
  expect(`${quoted}\n`).toBe(source);
});

test('every room has its line', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of rooms) expect(chapter(/^## Inside$/)).toContain(`| \`${name}\``);
});

test('files it links to exist', () => {
  const links = [...readme.matchAll(/\]\((?!#|https?:)([^)#]+)\)/g)].map(([, file]) => file ?? '');
  const missing = links.filter((file) => !existsSync(join(root, file)));
  expect(missing).toEqual([]);
});
