import type { Region } from '@headrace/core';
import type pg from 'pg';
import type { AccountsOptions } from '../catalog/accounts.ts';
import type { Connections } from '../catalog/connections.ts';
import type { Destinations } from '../catalog/destinations.ts';
import type { ProfileScans } from '../segmentation/profile-scans.ts';
import type { PeopleServices } from './people-services.ts';

/** What the handlers of the routes work with. */
export type ApiServices = {
  readonly pool: pg.Pool;
  readonly people: PeopleServices;
  readonly profileScans: ProfileScans;
  readonly destinations: Destinations;
  readonly connections: Connections;
  readonly accounts: AccountsOptions;
  readonly apiCallAllowance: number;
  readonly defaultPhoneRegion: Region;
  /** Origin that browsers reach this server by; undefined for the one a request came to. */
  readonly publicUrl: string | undefined;
  readonly now: () => Date;
};
