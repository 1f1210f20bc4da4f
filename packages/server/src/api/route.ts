import type { Readable } from 'node:stream';
import type { Permission, Principal, Wire, WireSchema } from '@headrace/core';
import type { ApiServices } from './api-services.ts';

/** Who may call a route: anyone, or principals with all the named permissions. */
export type RouteAccess = 'public' | readonly [Permission, ...Permission[]];

/** What the audit log says of a route that changes something; the subject is what the handler names. */
export type AuditDeclaration = { readonly action: string; readonly subjectType: string };

/** What the schemas of a route do not say of its request body. */
export type RouteBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly schema: WireSchema; readonly maxBytes?: number }
  /** Any size; handed on as it arrives. */
  | { readonly kind: 'stream'; readonly contentTypes: readonly string[] };

/** An answer of any size, sent as it is made. */
export type FileResponse = { readonly kind: 'file'; readonly contentTypes: readonly string[] };

/** A file to answer with. */
export type FileAnswer = {
  readonly contentType: string;
  readonly fileName: string;
  readonly content: AsyncIterable<string>;
};

/** One route, as data: what it takes, answers and needs, and what it does. */
export type ApiRoute = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: WireSchema;
  readonly query?: WireSchema;
  /** Headers that it heeds, in lower case. */
  readonly headers?: WireSchema;
  readonly body: RouteBody;
  readonly status: number;
  /** What its JSON answer is like, or the content types of the file it answers with. */
  readonly response: WireSchema | FileResponse;
  readonly access: RouteAccess;
  /** Null for routes that change nothing. */
  readonly audit: AuditDeclaration | null;
  readonly handle: (services: ApiServices, request: RouteRequest) => Promise<RouteAnswer>;
};

export type RouteRequest<Params = unknown, Query = unknown, Body = unknown, Headers = unknown> = {
  /** Undefined on public routes only. */
  readonly principal: Principal | undefined;
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  /** Scheme, host and port that the request came to, its host checked. */
  readonly origin: string;
  /** Parsed JSON, or the stream itself. */
  readonly body: Body;
  /** How long the body said it is, if it did. */
  readonly bodyBytes: number | undefined;
  /** As the caller sent it, parameters and all. */
  readonly contentType: string | undefined;
  /** Aborts when the caller goes away before the answer is there. */
  readonly signal: AbortSignal;
};

export type RouteAnswer<Response = unknown> = {
  readonly body: Response;
  /** What was changed; for the audit log. */
  readonly subjectId?: string;
  /** Ids, names of things and counts; no secrets, no personal data. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
};

type Parsed<Schema> = Schema extends WireSchema ? Wire<Schema> : undefined;
type Declared = Omit<ApiRoute, 'params' | 'query' | 'headers' | 'body' | 'status' | 'response' | 'handle'> & {
  readonly status?: number;
};

/**
 * Declares a route whose handler is typed by its schemas. A body is JSON of at most 1 MB where not said
 * otherwise; the status is 200.
 */
export function defineRoute<
  Response extends WireSchema,
  Params extends WireSchema | undefined = undefined,
  Query extends WireSchema | undefined = undefined,
  Body extends WireSchema | undefined = undefined,
  Headers extends WireSchema | undefined = undefined,
>(
  route: Declared & {
    readonly params?: Params;
    readonly query?: Query;
    readonly headers?: Headers;
    readonly body?: Body;
    readonly maxBytes?: number;
    readonly response: Response;
    readonly handle: (
      services: ApiServices,
      request: RouteRequest<Parsed<Params>, Parsed<Query>, Parsed<Body>, Parsed<Headers>>,
    ) => Promise<RouteAnswer<Wire<Response>>>;
  },
): ApiRoute {
  const { params, query, headers, body, maxBytes, status, handle, ...declared } = route;
  return {
    ...declared,
    status: status ?? 200,
    ...(params !== undefined && { params }),
    ...(query !== undefined && { query }),
    ...(headers !== undefined && { headers }),
    body:
      body === undefined
        ? { kind: 'none' }
        : { kind: 'json', schema: body, ...(maxBytes !== undefined && { maxBytes }) },
    // Registration checks each part against the schema its type comes from before it calls the handler.
    handle: handle as ApiRoute['handle'],
  };
}

/** Declares a route that takes a body of any size as a stream. */
export function defineUpload<
  Response extends WireSchema,
  Params extends WireSchema,
  Query extends WireSchema,
>(
  route: Declared & {
    readonly contentTypes: readonly string[];
    readonly params: Params;
    readonly query: Query;
    readonly response: Response;
    readonly handle: (
      services: ApiServices,
      request: RouteRequest<Wire<Params>, Wire<Query>, Readable>,
    ) => Promise<RouteAnswer<Wire<Response>>>;
  },
): ApiRoute {
  const { contentTypes, status, handle, ...declared } = route;
  return {
    ...declared,
    status: status ?? 200,
    body: { kind: 'stream', contentTypes },
    // As above; the parser of the content type hands the stream on.
    handle: handle as ApiRoute['handle'],
  };
}

/** Declares a route that answers with a file of any size, sent as it is made. */
export function defineDownload<Params extends WireSchema, Query extends WireSchema>(
  route: Declared & {
    readonly contentTypes: readonly string[];
    readonly params: Params;
    readonly query: Query;
    readonly handle: (
      services: ApiServices,
      request: RouteRequest<Wire<Params>, Wire<Query>, undefined>,
    ) => Promise<RouteAnswer<FileAnswer>>;
  },
): ApiRoute {
  const { contentTypes, status, handle, ...declared } = route;
  return {
    ...declared,
    status: status ?? 200,
    body: { kind: 'none' },
    response: { kind: 'file', contentTypes },
    // As above.
    handle: handle as ApiRoute['handle'],
  };
}

export const isFileResponse = (response: WireSchema | FileResponse): response is FileResponse =>
  'kind' in response && response.kind === 'file';
