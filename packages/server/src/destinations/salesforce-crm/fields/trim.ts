/** What Salesforce cuts off, blanks and control characters, and what else is a blank in Unicode. */
const isEdge = (code: number): boolean =>
  code <= 0x20 || (code > 0x7f && /\s/.test(String.fromCharCode(code)));

/** Text without what says nothing at either end: Salesforce keeps none of it. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isEdge(text.charCodeAt(start))) start += 1;
  while (end > start && isEdge(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
