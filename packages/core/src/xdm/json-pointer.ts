/**
 * A JSON pointer (RFC 6901) that is safe to log: a step that is no plain name or index becomes `*`, because
 * keys of maps can be personal data (`/consents/idSpecific/Email/*`).
 */
export const pointerTo = (path: readonly string[]): string =>
  path.map((step) => `/${isPlainStep(step) ? step : '*'}`).join('');

/**
 * The exact JSON pointer, keys included: for answers about a person and for what people configure, never for logs or
 * errors about records.
 */
export const exactPointerTo = (path: readonly string[]): string =>
  path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The steps of a JSON pointer, unescaped. */
export const stepsOf = (pointer: string): readonly string[] => pointer.split('/').slice(1).map(unescapeStep);

/** A step of a pointer as it is meant. */
export const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** Whether a key reads like the name of a field or namespace, or an index, so that showing it tells nothing. */
export const isPlainStep = (step: string): boolean =>
  /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,99}|[0-9]{1,6})$/.test(step);
