import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  composeSchema,
  HeadraceError,
  importFieldGroup,
  type RuleSchema,
  type XdmObject,
} from '@headrace/core';

const refuse = (message: string): HeadraceError => new HeadraceError('invalid_input', message);

/** The text of a file, named from where the user stands; `-` is standard input. */
export async function readText(file: string, workingDir: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return (await readFile(resolve(workingDir, file), 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw unreadable(file, error);
  }
}

const fileProblems: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a folder; expected a file'],
  ['EACCES', 'you may not read this file'],
]);

/** What is wrong with a file that could not be read; anything else as it is. */
export function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return error;
  return refuse(`${file}: ${fileProblems.get(error.code) ?? `it cannot be read (${error.code})`}.`);
}

export async function readJson(file: string, workingDir: string): Promise<unknown> {
  const content = await readText(file, workingDir);
  try {
    return JSON.parse(content);
  } catch {
    throw refuse(`${file}: found no JSON.`);
  }
}

/** A list of events, or one event a line. */
export async function readEvents(file: string, workingDir: string): Promise<unknown> {
  const content = await readText(file, workingDir);
  if (content.trimStart().startsWith('[')) {
    try {
      return JSON.parse(content);
    } catch {
      throw refuse(`${file}: found no JSON.`);
    }
  }
  return content.split(/\r?\n/).flatMap((line, index): unknown[] => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line)];
    } catch {
      throw refuse(
        `${file}, line ${index + 1}: found no JSON; expected one event a line, or a list of them.`,
      );
    }
  });
}

/**
 * What rules may name: `{"profile": …, "event": …}`, each a schema or field group in JSON Schema as the API exports it;
 * a schema alone is that of profiles.
 */
export async function readSchema(file: string, workingDir: string): Promise<RuleSchema> {
  const given = await readJson(file, workingDir);
  const parts: { readonly profile?: unknown; readonly event?: unknown } =
    typeof given === 'object' && given !== null && ('profile' in given || 'event' in given)
      ? given
      : { profile: given };
  const importPart = (part: unknown, fallback: XdmObject): XdmObject => {
    if (part === undefined) return fallback;
    const imported = importFieldGroup(part);
    if (!imported.ok)
      throw new HeadraceError('invalid_input', `${file}: this is no schema.`, { details: imported.errors });
    return {
      ...fallback,
      properties: { ...fallback.properties, ...imported.group.properties },
    };
  };
  return {
    profile: importPart(
      parts.profile,
      composeSchema({ classId: 'xdm.individual-profile', fieldGroupIds: [] }),
    ),
    event: importPart(parts.event, composeSchema({ classId: 'xdm.experience-event', fieldGroupIds: [] })),
  };
}
