type Step = { readonly any: boolean; readonly text: string | undefined };

/**
 * A test for a whole text against a pattern: `%` is any run of characters, `_` exactly one (a Unicode code
 * point), and a backslash takes the next character literally. Case-sensitive. The time is at most the length
 * of the text times that of the pattern.
 */
export function likePattern(pattern: string): (text: string) => boolean {
  const steps = stepsOf(pattern);
  return (text) => {
    let at = 0;
    let step = 0;
    let retryStep = -1;
    let retryAt = 0;
    while (at < text.length || step < steps.length) {
      const current = steps[step];
      const width = at < text.length ? characterWidth(text, at) : 0;
      if (current?.any) {
        retryStep = ++step;
        retryAt = at;
      } else if (current !== undefined && width > 0 && accepts(current, text, at, width)) {
        at += width;
        step += 1;
      } else if (retryStep >= 0 && retryAt < text.length) {
        retryAt += characterWidth(text, retryAt);
        at = retryAt;
        step = retryStep;
      } else return false;
    }
    return true;
  };
}

const accepts = (step: Step, text: string, at: number, width: number): boolean =>
  step.text === undefined || (step.text.length === width && text.startsWith(step.text, at));

const characterWidth = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

function stepsOf(pattern: string): readonly Step[] {
  const steps: Step[] = [];
  let isLiteral = false;
  for (const character of pattern) {
    if (isLiteral || !'%_\\'.includes(character)) steps.push({ any: false, text: character });
    else if (character === '%') {
      if (!steps.at(-1)?.any) steps.push({ any: true, text: undefined });
    } else if (character === '_') steps.push({ any: false, text: undefined });
    isLiteral = !isLiteral && character === '\\';
  }
  if (isLiteral) steps.push({ any: false, text: '\\' });
  return steps;
}
