/**
 * Whether a text matches a pattern in which `*` stands for any run of characters. Takes at most
 * pattern length × text length steps, whatever the pattern: it comes from outside.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let textAt = 0;
  let star = -1;
  let resume = 0;
  while (textAt < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      resume = textAt;
    } else if (at < pattern.length && pattern[at] === text[textAt]) {
      at++;
      textAt++;
    } else if (star >= 0) {
      at = star + 1;
      textAt = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
