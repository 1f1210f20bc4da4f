import { dirname, join } from 'node:path/posix';
import type { SourceFile } from './import-arrows.ts';

/** What documents may speak of. */
export type Repository = {
  /** Every file, from the root, with slashes. */
  readonly paths: readonly string[];
  /** Of the HTTP API: `GET /api/v1/things/:thing_id`. */
  readonly routes: readonly string[];
  /** Names of the scripts in package.json. */
  readonly scripts: readonly string[];
};

/** What was written once and is true of its day: only its links are checked. */
const isHistory = (path: string): boolean => /^(CHANGELOG\.md|docs\/decisions\/)/.test(path);
/** The emulator speaks Salesforce's API. */
const isOfEmulator = (path: string): boolean => path.startsWith('packages/salesforce-emulator/');

/**
 * Holds documents to the repository: links lead to a file and a heading, and files, routes and commands that they name
 * are there.
 *
 * @returns one line per fault; none when all is well
 */
export const findDocumentFaults = (
  documents: readonly SourceFile[],
  repository: Repository,
): readonly string[] => {
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  return documents.flatMap((document) =>
    [
      ...linkFaults(document, texts, repository),
      ...(isHistory(document.path)
        ? []
        : [...fileFaults(document, repository), ...commandFaults(document, repository)]),
      ...(isHistory(document.path) || isOfEmulator(document.path) ? [] : routeFaults(document, repository)),
    ].map((fault) => `${document.path}: ${fault}`),
  );
};

const linkFaults = ({ path, text }: SourceFile, texts: ReadonlyMap<string, string>, { paths }: Repository) =>
  found(text, /\]\(([^)\s]+)\)/g).flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = '', heading] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!paths.some((known) => known === target || known.startsWith(`${target}/`)))
      return [`the link ${link} leads to no file`];
    const isThere = heading === undefined || headingsOf(texts.get(target) ?? '').includes(heading);
    return isThere ? [] : [`the link ${link} leads to no heading`];
  });

/** As GitHub names them. */
const headingsOf = (text: string): readonly string[] =>
  found(text, /^#+ (.+)$/gm).map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

const fileFaults = ({ path, text }: SourceFile, { paths }: Repository) =>
  found(text, /`([\w./-]+\.(?:ts|mjs|sql))`/g)
    .filter((name) => !name.startsWith('x.'))
    .filter((name) => {
      const near = join(dirname(path), name);
      return !paths.some(
        (known) =>
          known === near || `/${known}`.endsWith(`/${name}`) || `/${short(known)}`.endsWith(`/${name}`),
      );
    })
    .map((name) => `there is no file ${name}`);

/** Files of a package are called without `packages` and `src`. */
const short = (path: string): string => path.replace(/^packages\/([^/]+)\/src\//, '$1/');

const commandFaults = ({ text }: SourceFile, { scripts }: Repository) =>
  found(text, /\bnpm run (?:-s )?([\w:]+)/g)
    .filter((name) => !scripts.includes(name))
    .map((name) => `there is no script ${name}`);

const routeFaults = ({ text }: SourceFile, { routes }: Repository) => {
  const named = [
    ...found(text, /\b((?:GET|POST|PUT|PATCH|DELETE) (?:https?:\/\/[^/\s]+|"?\$\w+)?…?\/[^\s`"'?]*)/g),
    ...found(text, /(?<![\w.:/])(\/api\/v1\/[^\s`"'?)]*)/g).map((path) => `\\w+ ${path}`),
  ];
  return named
    .filter((route) => !routes.some((known) => wordsOf(route).test(known)))
    .map((route) => `there is no route ${route.replace('\\w+ ', '')}`);
};

/** Parameters may have any name, the beginning that all routes share may be left out, and `…` is any beginning. */
const wordsOf = (route: string): RegExp => {
  const [method = '', address = ''] = route.split(' ');
  const path = address.replace(/^(https?:\/\/[^/]+|"?\$\w+)/, '').replace(/[.,;:)]+$/, '');
  const steps = path.replace(/^…/, '').replaceAll(/\/(ID|\{\w+\}|\$\w+|:\w+)/g, '/:\\w+');
  return new RegExp(`^${method} ${path.startsWith('…') ? '.+' : '(/api/v1)?'}${steps}$`);
};

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].flatMap(([, group]) => (group === undefined ? [] : [group]));
