import { invalidInput } from '@headrace/core';

/** A value of a JSON file, with where it stands; reads throw `invalid_input` saying what was expected there. */
export type JsonReader = {
  readonly value: unknown;
  readonly where: string;
  member(name: string): JsonReader;
  text(): string;
  /** Texts by name; absent counts as none. */
  texts(): Readonly<Record<string, string>>;
  list(): readonly JsonReader[];
};

/** @param where the file, as messages name it */
export const readJsonText = (text: string, where: string): JsonReader => {
  try {
    return readerOf(JSON.parse(text), where);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalidInput(`${where} is not JSON: ${cause.message}.`);
  }
};

const readerOf = (value: unknown, where: string): JsonReader => {
  const expected = (what: string): never => {
    throw invalidInput(`${where}: expected ${what}.`);
  };
  const members = (): Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : expected('an object');
  return {
    value,
    where,
    member: (name) => readerOf(members()[name], `${where}, ${name}`),
    text: () => (typeof value === 'string' && value !== '' ? value : expected('a text')),
    texts: () =>
      value === undefined
        ? {}
        : Object.fromEntries(
            Object.entries(members()).map(([name, member]) => [
              name,
              readerOf(member, `${where}, ${name}`).text(),
            ]),
          ),
    list: () =>
      Array.isArray(value)
        ? value.map((item, index) => readerOf(item, `${where}[${index}]`))
        : expected('a list'),
  };
};
