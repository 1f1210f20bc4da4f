/** The delimiters a job may name for its columns. */
export const delimiters = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
} as const;
export type DelimiterName = keyof typeof delimiters;

/** The line endings a job may name. */
export const lineEndings = { LF: '\n', CRLF: '\r\n' } as const;
export type LineEndingName = keyof typeof lineEndings;

/** How the rows of one job are written, both ways. */
export interface CsvDialect {
  readonly delimiter: string;
  readonly lineEnding: string;
}

export const isDelimiterName = (name: string): name is DelimiterName => Object.hasOwn(delimiters, name);
export const isLineEndingName = (name: string): name is LineEndingName => Object.hasOwn(lineEndings, name);
