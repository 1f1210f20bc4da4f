/** What goes wrong on purpose. Counts fall as they strike; `pathPrefix` limits the calls they meet. */
export interface Faults {
  readonly latencyMs: number;
  readonly fail: { readonly remaining: number; readonly status: number; readonly errorCode: string };
  readonly cut: { readonly remaining: number; readonly when: 'before_write' | 'after_write' };
  readonly pathPrefix: string;
}

export const noFaults: Faults = {
  latencyMs: 0,
  fail: { remaining: 0, status: 503, errorCode: 'SERVER_UNAVAILABLE' },
  cut: { remaining: 0, when: 'before_write' },
  pathPrefix: '/services/data/',
};

/** What strikes one call. */
export type Strike =
  | { readonly kind: 'none' }
  | { readonly kind: 'fail'; readonly status: number; readonly errorCode: string }
  | { readonly kind: 'cut'; readonly when: 'before_write' | 'after_write' };

/** The faults of one call and what is left for the next ones. A status goes before a cut connection. */
export function strikeCall(faults: Faults, path: string): { readonly strike: Strike; readonly left: Faults } {
  const { fail, cut } = faults;
  if (!path.startsWith(faults.pathPrefix)) return { strike: { kind: 'none' }, left: faults };
  if (fail.remaining > 0)
    return {
      strike: { kind: 'fail', status: fail.status, errorCode: fail.errorCode },
      left: { ...faults, fail: { ...fail, remaining: fail.remaining - 1 } },
    };
  if (cut.remaining > 0)
    return {
      strike: { kind: 'cut', when: cut.when },
      left: { ...faults, cut: { ...cut, remaining: cut.remaining - 1 } },
    };
  return { strike: { kind: 'none' }, left: faults };
}
