import type { JsonObject } from '../xdm/field.ts';

/** A profile whose merged document or events changed, as everything downstream of ingestion sees it. */
export type ProfileChange = {
  readonly bucket: number;
  readonly profileId: string;
  /** Empty for a profile that did not exist. */
  readonly before: JsonObject;
  /** Empty for a profile that is gone. */
  readonly after: JsonObject;
  /**
   * `merged`, `split`: it gained or lost people's data, so what its destinations hold may be another's. `gone`: it
   * has no fragment left. `events`: only its events or identities are others than before.
   */
  readonly kind: 'created' | 'changed' | 'merged' | 'split' | 'gone' | 'events';
  /** No profile with this id was stored before; also one that was split off. */
  readonly isNew?: boolean;
  /** It holds other identities than before. */
  readonly hasOtherIdentities?: boolean;
  /** Profiles that were merged into it, with their documents until then. */
  readonly absorbed?: readonly { readonly profileId: string; readonly before: JsonObject }[];
};

/** The segments a profile is in, before and after a change. */
export type MembershipChange = {
  readonly bucket: number;
  readonly profileId: string;
  readonly before: ReadonlySet<string>;
  readonly after: ReadonlySet<string>;
};
