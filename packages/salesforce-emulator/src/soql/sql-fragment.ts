/** SQL text with its parameters in order. */
export interface SqlFragment {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}
