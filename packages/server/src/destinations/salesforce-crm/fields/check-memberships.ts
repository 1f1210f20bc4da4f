import { HeadraceError, nearestName, type SegmentStanding } from '@headrace/core';
import { choiceOf } from './fit-choice.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import type { RecordPlan } from './record-plan.ts';
import { isWritable } from './targets.ts';
import { fieldNamed, joinSegments, listedName, segmentLabels, separator } from './tell-memberships.ts';

type Segment = Pick<SegmentStanding, 'name' | 'mappingId'>;
const statusTypes = new Set(['string', 'textarea', 'picklist', 'boolean']);
const listTypes = new Set(['string', 'textarea', 'multipicklist']);

/**
 * Checks that the fields that are to tell of segments are there and can take it, so that nothing is cut or refused
 * person by person later.
 * @param segments all of the dataflow
 * @throws HeadraceError `destination_misconfigured` that names the segment or field and says what to do.
 */
export function checkMemberships(segments: readonly Segment[], { details, object }: RecordPlan): void {
  if (details.membership === 'segment_fields') checkFields(segments, object, details.matchField);
  if (details.membership === 'one_field') checkOneField(segments, object, details.membershipField);
}

function checkFields(segments: readonly Segment[], object: ObjectDescription, matchField: string): void {
  const owners = new Map<string, string>();
  for (const { name, mappingId } of segments) {
    const segment = `the segment ${JSON.stringify(name)}`;
    if (mappingId === null)
      throw misconfigured(
        `Give ${segment} a Mapping ID: the API name of the text field of ${object.name} that tells of it.`,
      );
    const field = requireField(object, mappingId, `The Mapping ID of ${segment} names a field`, statusTypes);
    if (field.name === matchField)
      throw misconfigured(`${field.name} is what records are matched by; name another field for ${segment}.`);
    const owner = owners.get(field.name);
    if (owner !== undefined)
      throw misconfigured(
        `The segments ${JSON.stringify(owner)} and ${JSON.stringify(name)} have the same Mapping ID, ${field.name}. Each needs a field of its own.`,
      );
    owners.set(field.name, name);
    requireLabels(field, object);
  }
}

function requireLabels(field: FieldDescription, object: ObjectDescription): void {
  if (field.type === 'boolean') return;
  const labels = Object.values(segmentLabels);
  const lacking = field.restricted
    ? labels.filter((label) => choiceOf(label, field.choices) === undefined)
    : [];
  if (lacking.length > 0)
    throw misconfigured(
      `The picklist ${object.name}.${field.name} takes its own values only and lacks ${lacking.join(' and ')}. Add them in Salesforce.`,
    );
  const longest = Math.max(...labels.map(({ length }) => length));
  if (field.length < longest)
    throw misconfigured(`${object.name}.${field.name} is shorter than the ${longest} characters it needs.`);
}

function checkOneField(segments: readonly Segment[], object: ObjectDescription, name: string): void {
  if (name === '')
    throw misconfigured(
      `Fill in the Membership field: the API name of the field of ${object.name} that lists the segments.`,
    );
  const field = requireField(object, name, 'The Membership field names one', listTypes);
  for (const segment of segments) {
    const listed = listedName(segment);
    if (listed.includes(separator))
      throw misconfigured(
        `${JSON.stringify(listed)} holds a semicolon, which parts the segments in ${field.name}. Give the segment a Mapping ID without one.`,
      );
    if (field.restricted && choiceOf(listed, field.choices) === undefined)
      throw misconfigured(
        `The picklist ${object.name}.${field.name} takes its own values only and lacks ${JSON.stringify(listed)}. Add it in Salesforce, or give the segment a Mapping ID that is there.`,
      );
  }
  const { length } = joinSegments(segments, field.choices);
  if (length > field.length)
    throw misconfigured(
      `A profile in all activated segments would need ${length} characters in ${object.name}.${field.name}, which holds ${field.length}. Use a longer field, or shorter Mapping IDs.`,
    );
}

function requireField(
  object: ObjectDescription,
  name: string,
  what: string,
  types: ReadonlySet<string>,
): FieldDescription {
  const field = fieldNamed(object, name);
  const usable = [...object.byName.values()].filter((one) => isWritable(one) && types.has(one.type));
  if (field === undefined) {
    const nearest = nearestName(
      name,
      usable.map((one) => one.name),
    );
    const hint =
      nearest === undefined
        ? 'Make it in Salesforce, and let the user edit it.'
        : `Did you mean "${nearest}"?`;
    throw misconfigured(`${what} that the org does not show to the user: ${object.name}.${name}. ${hint}`);
  }
  if (!isWritable(field))
    throw misconfigured(
      `${what} that the user may not write: ${object.name}.${field.name}. Give edit access in Salesforce (Field-Level Security).`,
    );
  if (!types.has(field.type))
    throw misconfigured(
      `${what} of type ${field.type}: ${object.name}.${field.name}. It has to be of type ${[...types].join(', ')}.`,
    );
  return field;
}

const misconfigured = (message: string): HeadraceError =>
  new HeadraceError('destination_misconfigured', message);
