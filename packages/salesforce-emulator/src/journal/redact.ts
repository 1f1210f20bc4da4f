/** Names whose values open something: passwords, tokens, secrets, signed assertions, authorization codes. */
const secretName =
  /pass(?:word|phrase)|token|secret|assertion|session_?id|^code$|code_verifier|authorization/i;
const secretHint =
  /pass(?:word|phrase)|token|secret|assertion|session_?id|"code"|code_verifier|authorization/i;
const jsonText = /"((?:[^"\\]|\\.){1,100})"(\s*:\s*)"(?:[^"\\]|\\.)*"?/g;

/** What stands where a secret was. */
export const mask = '***';

/** JSON text, possibly cut off at its end, with the values of secret names masked. Takes linear time. */
export function redactJson(text: string): string {
  if (!secretHint.test(text)) return text;
  return text.replace(jsonText, (whole, name: string, colon: string) =>
    secretName.test(name) ? `"${name}"${colon}"${mask}"` : whole,
  );
}

/** A query string with the values of secret names masked. */
export const redactQuery = (search: string): string =>
  secretHint.test(search) || search.includes('code=')
    ? search
        .split('&')
        .map((part) => {
          const [name = ''] = part.split('=', 1);
          return secretName.test(name) ? `${name}=${mask}` : part;
        })
        .join('&')
    : search;
