import { requireCount, requireType } from '../call-check.ts';
import { whole } from '../decimal.ts';
import type { FormulaValue } from '../formula-type.ts';
import { strict } from '../strict-function.ts';
import type { FunctionRule, FunctionRules } from '../term.ts';
import { checkTextLength } from '../text-size.ts';

/** Text functions have no empty text, only blank. */
const blankIfEmpty = (text: string): FormulaValue => (text === '' ? null : text);

/** Everything contains and begins with blank; blank itself contains nothing and leaves the question open. */
const search =
  (test: (text: string, part: string) => boolean): FunctionRule =>
  (call) => {
    requireCount(call, 2);
    const text = requireType(call, 0, 'text');
    const part = requireType(call, 1, 'text');
    return {
      type: 'boolean',
      run: (context) => {
        const wanted = part(context);
        if (typeof wanted !== 'string') return true;
        const value = text(context);
        return typeof value === 'string' ? test(value, wanted) : null;
      },
    };
  };

const find: FunctionRule = (call) => {
  requireCount(call, 2, 3);
  const part = requireType(call, 0, 'text');
  const text = requireType(call, 1, 'text');
  const start = call.args.length === 3 ? requireType(call, 2, 'number') : () => 0;
  return {
    type: 'number',
    run: (context) => {
      const wanted = part(context);
      const value = text(context);
      const from = start(context);
      if (typeof wanted !== 'string' || typeof value !== 'string') return 0;
      return value.indexOf(wanted, whole(Number(from)) - 1) + 1;
    },
  };
};

const pad =
  (place: (text: string, filling: string) => string): FunctionRule =>
  (call) => {
    requireCount(call, 2, 3);
    const text = requireType(call, 0, 'text');
    const length = requireType(call, 1, 'number');
    const filler = call.args.length === 3 ? requireType(call, 2, 'text') : () => ' ';
    return {
      type: 'text',
      run: (context) => {
        const value = text(context);
        const count = whole(Number(length(context)));
        const filling = filler(context);
        if (typeof value !== 'string' || count <= 0) return null;
        if (count <= value.length) return value.slice(0, count);
        if (typeof filling !== 'string') return value;
        checkTextLength(count);
        return place(value, ''.padEnd(count - value.length, filling));
      },
    };
  };

const substitute: FunctionRule = (call) => {
  requireCount(call, 3);
  const [text, old, fresh] = [0, 1, 2].map((index) => requireType(call, index, 'text'));
  return {
    type: 'text',
    run: (context) => {
      const value = text?.(context) ?? null;
      const wanted = old?.(context) ?? null;
      if (typeof value !== 'string' || typeof wanted !== 'string') return value;
      const instead = String(fresh?.(context) ?? '');
      const parts = value.split(wanted);
      checkTextLength(value.length + (parts.length - 1) * (instead.length - wanted.length));
      return blankIfEmpty(parts.join(instead));
    },
  };
};

/** An optional second argument names a locale, such as `tr`. */
const letterCase =
  (convert: (text: string, locale: string | undefined) => string): FunctionRule =>
  (call) => {
    requireCount(call, 1, 2);
    const text = requireType(call, 0, 'text');
    const locale = call.args.length === 2 ? requireType(call, 1, 'text') : () => null;
    return {
      type: 'text',
      run: (context) => {
        const value = text(context);
        const name = locale(context);
        if (typeof value !== 'string') return null;
        return convert(value, typeof name === 'string' ? knownLocale(name) : undefined);
      },
    };
  };

function knownLocale(name: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(name.slice(0, 40).replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}

const len: FunctionRule = (call) => {
  requireCount(call, 1);
  const text = requireType(call, 0, 'text');
  return {
    type: 'number',
    run: (context) => {
      const value = text(context);
      return typeof value === 'string' ? value.length : 0;
    },
  };
};

const left = (text: string, count: number): FormulaValue =>
  blankIfEmpty(text.slice(0, Math.max(0, whole(count))));

const right = (text: string, count: number): FormulaValue =>
  blankIfEmpty(text.slice(Math.max(0, text.length - Math.max(0, whole(count)))));

function mid(text: string, start: number, count: number): FormulaValue {
  const from = Math.max(1, whole(start)) - 1;
  return blankIfEmpty(text.slice(from, from + Math.max(0, whole(count))));
}

/** Only spaces are trimmed. */
function trim(text: string): FormulaValue {
  let from = 0;
  let to = text.length;
  while (from < to && text[from] === ' ') from++;
  while (to > from && text[to - 1] === ' ') to--;
  return blankIfEmpty(text.slice(from, to));
}

/** Lengths and positions count UTF-16 units, as Java's do. */
export const textFunctions: FunctionRules = {
  BEGINS: search((text, part) => text.startsWith(part)),
  BR: strict([], 'text', () => '\n'),
  CONTAINS: search((text, part) => text.includes(part)),
  FIND: find,
  LEFT: strict(['text', 'number'], 'text', left),
  LEN: len,
  LOWER: letterCase((text, locale) => text.toLocaleLowerCase(locale ?? 'en')),
  LPAD: pad((text, filling) => filling + text),
  MID: strict(['text', 'number', 'number'], 'text', mid),
  RIGHT: strict(['text', 'number'], 'text', right),
  RPAD: pad((text, filling) => text + filling),
  SUBSTITUTE: substitute,
  TRIM: strict(['text'], 'text', trim),
  UPPER: letterCase((text, locale) => text.toLocaleUpperCase(locale ?? 'en')),
};
