import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { JsonValue } from '../json.ts';
import type { Session } from '../oauth/sessions.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { Emulator } from './emulator.ts';
import type { SpooledBody } from './spooled-body.ts';

/** What came in over HTTP. */
export interface Incoming {
  readonly emulator: Emulator;
  /** The number of the call in the journal; 0 for the emulator's own. */
  readonly sequence: number;
  /** Set when it is answered anew after waiting for records that were locked: it was counted then. */
  readonly isRepeat?: boolean;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body of a call inside another one, which came parsed; such a call's `body` is empty. */
  readonly json?: JsonValue | undefined;
  /** The body, where it is text/csv and so went into a file. */
  readonly upload: SpooledBody | undefined;
  /** The client's address as the connection gives it. */
  readonly remoteAddress: string;
  /** Where the client reached this server, such as `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
}

/** One call, with its path parameters decoded. `version` is `67.0` on versioned paths, else empty. */
export interface Call extends Incoming {
  readonly params: Readonly<Record<string, string>>;
  readonly version: string;
  /** The signed-in session; only `session` routes have one. */
  readonly session: Session | undefined;
  /** The org's objects as the signed-in user sees them; all of them where nobody is signed in. */
  readonly catalog: Catalog;
  /** Answers another resource for the same user within this call: neither counted nor checked anew. */
  readonly run: (inner: InnerCall) => Answer;
}

/** A call inside another one, as Composite holds them. `url` is a path with its query. */
export interface InnerCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The JSON body, read and checked with the outer call; undefined without one. */
  readonly json: JsonValue | undefined;
}

/** An answer. An object or array is sent as JSON, a string with the given content type. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  /** In place of a body, what is too large to hold; opened when it is sent. */
  readonly stream?: () => Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** Records carried, for the journal. */
  readonly records?: number | undefined;
}

export type Handler = (call: Call) => Answer;

/** A path with `:name` parameters and what each method does there. */
export interface Route {
  readonly path: string;
  /** `session` needs a token, `open` none, `local` is the emulator's own interface and pages. */
  readonly access: 'session' | 'open' | 'local';
  readonly methods: Readonly<Record<string, Handler>>;
  /** The first version of the API that has it; missing in older ones. */
  readonly since?: number;
  /** The query parameters a `session` route reads, by method; any other is refused with 501. */
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
}

/** A route found for a path. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

/** Finds routes by path. Earlier routes win, so literal paths stand before those with parameters. */
export function createMatcher(routes: readonly Route[]): (path: string) => Match | undefined {
  const byLength = new Map<number, { readonly route: Route; readonly segments: readonly string[] }[]>();
  for (const route of routes) {
    const segments = segmentsOf(route.path);
    const list = byLength.get(segments.length) ?? [];
    list.push({ route, segments });
    byLength.set(segments.length, list);
  }
  return (path) => {
    const given = segmentsOf(path);
    for (const { route, segments } of byLength.get(given.length) ?? []) {
      const params = matchSegments(segments, given);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

function matchSegments(
  wanted: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const actual = given[index] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== actual) return undefined;
      continue;
    }
    const value = decodeSegment(actual);
    if (value === undefined) return undefined;
    params[segment.slice(1)] = value;
  }
  return params;
}

/** Undefined for what is no text: broken percent-encoding, or a NUL, which no key or id can hold. */
function decodeSegment(segment: string): string | undefined {
  try {
    const value = decodeURIComponent(segment);
    return value.includes('\0') ? undefined : value;
  } catch {
    return undefined;
  }
}
