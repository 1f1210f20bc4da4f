/**
 * What a rule counts and sums over events. All of it is found in one pass: events are grouped by profile and joined, not
 * looked up for each profile.
 */
export class EventColumns {
  readonly #columns: { readonly aggregate: string; readonly filter: string }[] = [];

  /** @returns the column that has it; null for a profile without such events. */
  add(aggregate: string, filter: string): string {
    let index = this.#columns.findIndex((one) => one.aggregate === aggregate && one.filter === filter);
    if (index < 0) index = this.#columns.push({ aggregate, filter }) - 1;
    return `ev.c${index}`;
  }

  /** The events of the buckets $1 to $2 grouped, to be joined as `ev`; nothing where a rule reads none. */
  get join(): string {
    if (this.#columns.length === 0) return '';
    return ` left join ${this.#grouped} ev on ev.bucket = p.bucket and ev.profile_id = p.profile_id`;
  }

  /** The same without profiles: of those that have such events, `p` has the keys. */
  get alone(): string {
    return `${this.#grouped} ev cross join lateral (select ev.bucket, ev.profile_id) p`;
  }

  get #grouped(): string {
    const filters = [...new Set(this.#columns.map(({ filter }) => filter))];
    const isOne = filters.length === 1;
    const columns = this.#columns.map(
      ({ aggregate, filter }, index) =>
        `${aggregate}${isOne ? '' : ` filter (where ${filter})`} as c${index}`,
    );
    const wanted = filters.includes('true') ? '' : ` and (${filters.join(' or ')})`;
    return `(
       select e.bucket, e.profile_id, ${columns.join(', ')}
       from profile_event e where e.bucket between $1 and $2${wanted}
       group by e.bucket, e.profile_id)`;
  }
}
