import type { TraceNode } from '@headrace/core';

const longest = 100;

/** A trace for people: a line for each part of the rule, what it yields, and below it what that was made from. */
export function traceLines({ text, value, children, more }: TraceNode, indent = ''): string[] {
  const again = more === 0 ? '' : ` (and ${more} more)`;
  return [
    `${indent}${shorten(text.replace(/\s+/g, ' '))}: ${value === null ? 'nothing' : shorten(JSON.stringify(value))}${again}`,
    ...children.flatMap((child) => traceLines(child, `${indent}  `)),
  ];
}

const shorten = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`);
