import { expect, test } from 'vitest';
import { shellQuote } from './shell-quote.ts';

test('nothing in a quoted text means anything to the shell', () => {
  expect(shellQuote(`it's $HOME "x" \`y\``)).toBe(`'it'\\''s $HOME "x" \`y\`'`);
});
