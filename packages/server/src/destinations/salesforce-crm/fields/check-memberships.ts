import { HeadraceError, nearestName, type SegmentStanding, type ToldDataflow } from '@headrace/core';
import { choiceOf } from './fit-choice.ts';
import type { FieldDescription, ObjectDescription } from './object-description.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import { isWritable, targetNamed } from './targets.ts';
import { fieldNamed, joinSegments, listedName, segmentLabels, separator } from './tell-memberships.ts';

type Segment = Pick<SegmentStanding, 'name' | 'mappingId'>;
const statusTypes = new Set(['string', 'textarea', 'picklist', 'boolean']);
const listTypes = new Set(['string', 'textarea', 'multipicklist']);

/**
 * Checks that the fields that are to tell of segments are there and can take it, so that nothing is cut or refused
 * person by person later, and that they hold nothing else.
 * @param segments all of the dataflow
 * @throws HeadraceError `destination_misconfigured` that names the segment or field and says what to do.
 */
export function checkMemberships(
  segments: readonly Segment[],
  mapping: ToldDataflow['mapping'],
  plan: PreparedPlan,
): void {
  const { details, object } = plan;
  if (details.membership === 'none' || details.membership === 'campaign') return;
  const told = details.membership === 'segment_fields' ? checkFields(segments, object) : [];
  if (details.membership === 'one_field') told.push(checkOneField(segments, object, details.membershipField));
  const names = new Set(told.map(({ name }) => name));
  // Every record would be found by the name of its segment.
  if (names.has(details.matchField))
    throw misconfigured(
      `${details.matchField} is what records are matched by; tell of segments in another field.`,
    );
  for (const row of mapping) {
    const { field, isAccount } = targetNamed(plan, row.target);
    if (!isAccount && names.has(field.name))
      throw misconfigured(
        `${object.name}.${field.name} is to tell of segments, and the mapping writes to it too (target ${JSON.stringify(row.target)}). Map another field, or tell of segments in another.`,
      );
  }
}

function checkFields(segments: readonly Segment[], object: ObjectDescription): FieldDescription[] {
  const fields: FieldDescription[] = [];
  const owners = new Map<string, string>();
  for (const { name, mappingId } of segments) {
    const segment = `the segment ${JSON.stringify(name)}`;
    if (mappingId === null)
      throw misconfigured(
        `Give ${segment} a Mapping ID: the API name of the text field of ${object.name} that tells of it.`,
      );
    const field = requireField(object, mappingId, `The Mapping ID of ${segment} names a field`, statusTypes);
    const owner = owners.get(field.name);
    if (owner !== undefined)
      throw misconfigured(
        `The segments ${JSON.stringify(owner)} and ${JSON.stringify(name)} have the same Mapping ID, ${field.name}. Each needs a field of its own.`,
      );
    owners.set(field.name, name);
    requireLabels(field, object);
    fields.push(field);
  }
  return fields;
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

function checkOneField(
  segments: readonly Segment[],
  object: ObjectDescription,
  name: string,
): FieldDescription {
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
  return field;
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
