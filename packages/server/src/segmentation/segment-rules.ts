import { compileSegmentRule, type SegmentRule, type XdmObject } from '@headrace/core';
import type { Db } from '../store/database.ts';
import { composeStored, readUnionParts } from '../store/dataset-contexts.ts';
import { readSegments } from '../store/segments.ts';

export type ActiveRule = {
  readonly segmentId: string;
  readonly rule: SegmentRule;
  readonly isEvaluated: boolean;
};

/** Compiled rules, kept between reads; schemas only grow, so a rule that compiled once goes on compiling. */
export class SegmentRules {
  #union: { readonly key: string; readonly schema: XdmObject } | undefined;
  readonly #compiled = new Map<string, { readonly expression: string; readonly rule: SegmentRule }>();

  /** The rules of all segments as the given transaction sees them. */
  async read(db: Db): Promise<ActiveRule[]> {
    const segments = await readSegments(db);
    if (segments.length === 0) return [];
    const schema = await this.#unionSchema(db);
    return segments.map((segment) => {
      const known = this.#compiled.get(segment.segmentId);
      const rule =
        known?.expression === segment.expression
          ? known.rule
          : compileSegmentRule(segment.expression, schema);
      this.#compiled.set(segment.segmentId, { expression: segment.expression, rule });
      return { segmentId: segment.segmentId, rule, isEvaluated: segment.evaluatedAt !== null };
    });
  }

  async #unionSchema(db: Db): Promise<XdmObject> {
    const parts = await readUnionParts(db);
    if (this.#union?.key !== parts.key)
      this.#union = { key: parts.key, schema: await composeStored(db, parts) };
    return this.#union.schema;
  }
}
