import { HeadraceError } from '@headrace/core';
import type { Call } from './composite.ts';
import { type ObjectDescription, readDescribe } from './fields/object-description.ts';
import { orAborted } from './or-aborted.ts';

/** An administrator changes fields seldom; a describe costs a call. */
const describeMaxAgeMs = 10 * 60_000;

/** What the org says of its objects, asked for once in ten minutes whoever wants it. */
export class DescribeCache {
  readonly #call: Call;
  readonly #now: () => Date;
  readonly #known = new Map<string, { readonly fields: ObjectDescription; readonly readAtMs: number }>();
  readonly #asking = new Map<string, Promise<ObjectDescription>>();

  /** @param call not bound to the signal of one caller: others wait for it, too */
  constructor(call: Call, now: () => Date) {
    this.#call = call;
    this.#now = now;
  }

  /** What was read last, however long ago. */
  lastKnown(object: string): ObjectDescription | undefined {
    return this.#known.get(object)?.fields;
  }

  current(object: string, signal: AbortSignal): Promise<ObjectDescription> {
    const known = this.#known.get(object);
    if (known !== undefined && this.#now().getTime() - known.readAtMs < describeMaxAgeMs)
      return Promise.resolve(known.fields);
    const asking = this.#asking.get(object) ?? this.ask(object).finally(() => this.#asking.delete(object));
    this.#asking.set(object, asking);
    return orAborted(asking, signal, `for the fields of ${object}`);
  }

  /** Without fields where the org does not show the object to the user. */
  async currentOrHidden(object: string, signal: AbortSignal): Promise<ObjectDescription> {
    try {
      return await this.current(object, signal);
    } catch (error) {
      if (!(error instanceof HeadraceError) || error.code !== 'destination_misconfigured') throw error;
      const hidden = { name: object, keyPrefix: null, byName: new Map() };
      this.#known.set(object, { fields: hidden, readAtMs: this.#now().getTime() });
      return hidden;
    }
  }

  /** Asks afresh, as a test of the connection does. */
  async ask(object: string, call: Call = this.#call): Promise<ObjectDescription> {
    const what = `for the fields of ${object}`;
    const answer = await call({
      method: 'GET',
      path: `/sobjects/${object}/describe`,
      purpose: 'describe',
      effect: 'read',
      what,
    });
    const fields = readDescribe(answer);
    if (fields === undefined)
      throw new HeadraceError(
        'destination_unavailable',
        `Salesforce was asked ${what} and answered something else.`,
      );
    this.#known.set(object, { fields, readAtMs: this.#now().getTime() });
    return fields;
  }
}
