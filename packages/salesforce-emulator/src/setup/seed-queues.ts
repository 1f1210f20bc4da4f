import { developerNameOf } from '../definition/queues.ts';
import type { OrgState } from '../org/org-state.ts';
import { createRecordId } from '../org/record-id.ts';
import { seedRow } from '../org/seed-rows.ts';
import { findObject } from '../schema/catalog.ts';

/** Makes the queues of the org's definition. Throws an Error for an object that is not there or has no owner. */
export function seedQueues(org: OrgState): void {
  const group = findObject(org.catalog, 'Group');
  const queueSobject = findObject(org.catalog, 'QueueSobject');
  if (group === undefined || queueSobject === undefined) return;
  for (const queue of org.definition.queues) {
    const DeveloperName = queue.developerName ?? developerNameOf(queue.name);
    const rid = seedRow(
      org,
      group,
      { DeveloperName, Type: 'Queue' },
      { Name: queue.name, Email: queue.email?.toLowerCase() ?? null, OwnerId: org.organizationId },
    );
    for (const name of queue.objects) {
      const object = findObject(org.catalog, name);
      if (object === undefined || !object.fieldByName.has('OwnerId'))
        throw new Error(`Queue ${queue.name}: there is no object ${name} with owners.`);
      const QueueId = createRecordId(group.keyPrefix, rid);
      seedRow(org, queueSobject, { QueueId, SobjectType: object.name }, {});
    }
  }
}
