import { identityMap } from './data-types.ts';
import type { XdmField } from './field.ts';
import { choice, dateTime, object, text } from './field-builders.ts';

/** The ids of the classes a schema can have. */
export type XdmClassId = 'xdm.individual-profile' | 'xdm.experience-event';

/** What a schema describes: people (records, one per person) or what they did (events, in time). */
export type XdmClass = {
  readonly id: XdmClassId;
  /** What JSON Schema documents of the platform call it. */
  readonly uri: string;
  readonly title: string;
  readonly behavior: 'record' | 'time-series';
  readonly properties: Readonly<Record<string, XdmField>>;
  readonly required: readonly string[];
};

/**
 * The two classes, with the paths of github.com/adobe/xdm components/classes and components/behaviors
 * (read 2025-11); the prefix `xdm:` is dropped and `@id` is `_id`, as the platform writes them.
 */
export const xdmClasses: readonly XdmClass[] = [
  {
    id: 'xdm.individual-profile',
    uri: 'https://ns.adobe.com/xdm/context/profile',
    title: 'XDM Individual Profile',
    behavior: 'record',
    properties: {
      _id: text('Identifier'),
      personID: text('Person ID'),
      createdByBatchID: text('Created by batch'),
      modifiedByBatchID: text('Modified by batch'),
      repositoryCreatedBy: text('Created by user'),
      repositoryLastModifiedBy: text('Modified by user'),
      _repo: object('Repository', {
        createDate: dateTime('Created at'),
        modifyDate: dateTime('Modified at'),
      }),
    },
    required: [],
  },
  {
    id: 'xdm.experience-event',
    uri: 'https://ns.adobe.com/xdm/context/experienceevent',
    title: 'XDM ExperienceEvent',
    behavior: 'time-series',
    properties: {
      _id: text('Identifier'),
      timestamp: dateTime('Timestamp'),
      eventType: text('Event type'),
      eventMergeId: text('Event merge ID'),
      producedBy: choice('Produced by', ['self', 'system', 'salesRef', 'customerRep']),
      identityMap,
    },
    required: ['_id', 'timestamp'],
  },
];
