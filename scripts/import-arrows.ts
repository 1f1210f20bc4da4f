import { dirname, join } from 'node:path/posix';
import { parseSync } from 'oxc-parser';
import { emulatorArrows, emulatorRoomOf } from './emulator-rooms.ts';

const domain = ['catalog', 'ingestion', 'segmentation', 'delivery', 'governance', 'access', 'monitoring'];
const domainMay = ['core', 'server/store', 'server/lifecycle', 'type server/config'];
const inServer = (names: readonly string[]): string[] => names.map((name) => `server/${name}`);

/** Room → rooms it may import beside itself; `*` is all. What is no room here may not exist. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ...emulatorArrows,
  cli: ['core'],
  ui: ['core'],
  'server/config': ['core'],
  'server/lifecycle': ['core'],
  'server/store': ['core'],
  ...Object.fromEntries(inServer(domain).map((room) => [room, domainMay])),
  'server/destinations/*': ['core', 'server/lifecycle', 'server/destinations/http'],
  'server/api': [...domainMay, ...inServer(domain)],
  'server/main': ['*'],
  testkit: ['core', 'server/store'],
  tests: ['*'],
  tools: ['*'],
};
const impure = new Set(['core', 'ui']);

type Import = { readonly request: string; readonly isType: boolean };
/** A source file: its path from the repository's root, with slashes, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/**
 * Checks every import against the arrows of the architecture, and forbids cycles and default exports.
 *
 * @returns one line per fault; none when all is well
 */
export const findArrowFaults = (files: readonly SourceFile[]): string[] => {
  const paths = new Set(files.map(({ path }) => path));
  const graph = new Map<string, string[]>();
  const faults = files.flatMap(({ path, text }) => {
    const { module, errors } = parseSync(path, text);
    if (errors.length > 0) return [`${path}: ${errors[0]?.message}`];
    const imports = listImports(module, text);
    const targets = imports.map((found) => ({ ...found, target: resolve(path, found.request) }));
    graph.set(
      path,
      targets.flatMap(({ target, isType }) => (target !== undefined && !isType ? [target] : [])),
    );
    const hasDefault = module.staticExports.some(({ entries }) =>
      entries.some(({ exportName }) => exportName.kind === 'Default'),
    );
    return [
      ...targets.flatMap((found) => judge(path, found, paths)),
      ...(hasDefault && !path.endsWith('.config.ts') ? [`${path}: has a default export; name it`] : []),
    ];
  });
  return [...faults, ...findCycles(graph)];
};

/** The room a file is in; undefined where the layout knows none. */
export const roomOf = (path: string): string | undefined => {
  if (/\.(test|fixture|config)\.tsx?$/.test(path) || path.startsWith('e2e/')) return 'tests';
  const [top, name, , ...inside] = path.split('/');
  if (top === 'scripts' || top === 'bench' || top === 'examples') return 'tools';
  if (top !== 'packages' || name === undefined) return undefined;
  if (name === 'salesforce-emulator') return emulatorRoomOf(inside.join('/'));
  if (name !== 'server') return name in arrows ? name : undefined;
  if (inside[0] === 'destinations' && inside.length > 2) return `server/destinations/${inside[1]}`;
  const room = inside.length === 1 ? inside[0] === 'main.ts' && 'server/main' : `server/${inside[0]}`;
  return room && room in arrows ? room : undefined;
};

const listImports = (module: ReturnType<typeof parseSync>['module'], text: string): Import[] => [
  ...module.staticImports.map(({ moduleRequest, entries }) => ({
    request: moduleRequest.value,
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  })),
  ...module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null ? [] : [{ request: moduleRequest.value, isType }],
    ),
  ),
  ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
    const literal = /^['"](.*)['"]$/.exec(text.slice(start, end))?.[1];
    return literal === undefined ? [] : [{ request: literal, isType: false }];
  }),
];

const resolve = (from: string, request: string): string | undefined => {
  if (request.startsWith('.')) return join(dirname(from), request);
  const name = /^@headrace\/([^/]+)$/.exec(request)?.[1];
  return name === undefined
    ? undefined
    : `packages/${name}/src/${name === 'server' || name === 'cli' ? 'main' : 'index'}.ts`;
};

const judge = (
  path: string,
  found: Import & { readonly target: string | undefined },
  paths: Set<string>,
): string[] => {
  const room = roomOf(path);
  if (room === undefined) return [`${path}: is in no room of the layout`];
  const { target, request, isType } = found;
  if (target === undefined) {
    return impure.has(room) && request.startsWith('node:')
      ? [`${path}: ${room} is pure and may not import ${request}`]
      : [];
  }
  if (!/\.tsx?$/.test(target)) return [];
  const goal = roomOf(target);
  if (goal === undefined || !(paths.has(target) || target.endsWith('.d.ts')))
    return [`${path}: ${request} leads to no file`];
  const allowed = arrows[room.replace(/^(server\/destinations)\/.*/, '$1/*')] ?? [];
  const isAllowed =
    goal === room ||
    allowed.includes('*') ||
    allowed.includes(goal) ||
    (isType && allowed.includes(`type ${goal}`));
  return isAllowed ? [] : [`${path}: ${room} may not import ${goal} (${request})`];
};

const findCycles = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push(`cycle: ${[...trail.slice(start), path].join(' → ')}`);
    if (start >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
};
