import {
  type AuthenticationDeclaration,
  commonDetailFields,
  type Destination,
  HeadraceError,
  type InputField,
  invalidInput,
  nearestName,
} from '@headrace/core';

/** The destinations of this installation, by type. */
export type Destinations = ReadonlyMap<string, Destination>;

/** @throws HeadraceError `not_found` with the nearest type. */
export function getDestination(destinations: Destinations, type: string): Destination {
  const destination = destinations.get(type);
  if (destination !== undefined) return destination;
  const nearest = nearestName(type, destinations.keys());
  const hint =
    nearest === undefined ? `Known: ${[...destinations.keys()].join(', ')}.` : `Did you mean "${nearest}"?`;
  throw new HeadraceError(
    'not_found',
    `There is no destination of type ${JSON.stringify(type.slice(0, 100))}. ${hint}`,
  );
}

/** @throws HeadraceError `invalid_input` when the destination declares no such way to sign in. */
export function getAuthentication(destination: Destination, type: string): AuthenticationDeclaration {
  const declaration = destination.authentications.find((candidate) => candidate.type === type);
  if (declaration !== undefined) return declaration;
  const known = destination.authentications.map((candidate) => candidate.type).join(', ');
  const message = `${destination.title} knows no authentication ${JSON.stringify(type.slice(0, 100))}. Known: ${known}.`;
  throw invalidInput(message, [{ pointer: '/authentication', message }]);
}

/** Fields of a dataflow: the destination's own, and those that every dataflow has. */
export const detailFieldsOf = ({ detailFields }: Destination): readonly InputField[] => [
  ...detailFields,
  ...commonDetailFields,
];
