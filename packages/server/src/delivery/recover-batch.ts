import type { ReadRecord } from '@headrace/core';
import type { ClaimedRow } from './admit-row.ts';
import { type RowResult, type SendContext, severalMatches, written } from './row-results.ts';

/** The earlier write has landed, or can no longer: then it is written again knowing what is there. */
export function afterReading(
  read: ReadRecord | undefined,
  row: ClaimedRow,
  context: Pick<SendContext, 'now'>,
): RowResult {
  const readAgain = { kind: 'retry', at: context.now(), code: 'read_back' } as const;
  switch (read?.kind) {
    case undefined:
      return undefined;
    case 'found':
      return row.hash !== null && read.differing.length + read.differingLists.length === 0
        ? written(row, read.recordId, false)
        : {
            ...readAgain,
            message: 'Read back: what is to be there is decided again.',
            recordId: read.recordId,
            isUnderFormerKey: !read.isUnderKey,
          };
    case 'absent':
      return {
        ...readAgain,
        message: 'Read back and absent: what is to be there is decided again.',
        recordId: 'forget',
      };
    case 'several':
      return severalMatches(row, read.recordIds);
  }
}
