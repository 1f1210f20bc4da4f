import { changedFlags, type Flags, setFlags } from './flags.ts';
import { PatternFault, type PatternReader } from './pattern-reader.ts';
import { notLinear } from './repetition.ts';

/** How a group begins: whether what it finds can be read, and how its content is read. */
export type GroupHead = { readonly isCapturing: boolean; readonly inner: Flags };

const groupName = /<([a-zA-Z][a-zA-Z0-9]*)>/y;

/**
 * What stands behind the `(` at `from`.
 * @param names those of the groups before; its own is added
 * @throws PatternFault
 */
export function readGroupHead(
  reader: PatternReader,
  flags: Flags,
  names: Set<string>,
  from: number,
): GroupHead {
  if (!reader.takes('?')) return { isCapturing: true, inner: flags };
  if (reader.take(/<?[=!]/y))
    throw new PatternFault(`${reader.shown(from)} (look-around) ${notLinear}`, from);
  if (reader.takes('>')) throw new PatternFault(`${reader.shown(from)} (atomic group) ${notLinear}`, from);
  const name = reader.take(groupName)?.[1];
  if (name !== undefined) {
    if (names.has(name)) throw new PatternFault(`there are two groups with the name ${name}`, from);
    names.add(name);
    return { isCapturing: true, inner: flags };
  }
  const found = reader.take(setFlags);
  if (found?.[3] === ':') return { isCapturing: false, inner: changedFlags(flags, found, from) };
  reader.at++;
  throw new PatternFault(`${reader.shown(from)} begins no group; expected (, (?:, (?<name> or (?i)`, from);
}
