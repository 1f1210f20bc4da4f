import { segmentsOf } from '../http/route.ts';

/** What a subrequest's url names, as far as Composite cares. */
export type Resource = 'row' | 'query' | 'collection' | 'other';

/** The part of Salesforce's API a url belongs to, by its path alone. */
export function resourceOf(url: string): Resource {
  const [services, data, , name, kind] = segmentsOf(url);
  if (!url.startsWith('/') || services !== 'services' || data !== 'data') return 'other';
  if (name === 'sobjects') return 'row';
  if (name === 'query' || name === 'queryAll') return 'query';
  return name === 'composite' && kind === 'sobjects' ? 'collection' : 'other';
}
