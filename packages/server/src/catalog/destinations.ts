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

/**
 * @param how whether a person fills everything in, or goes on in a browser.
 * @throws HeadraceError `invalid_input` when the destination declares no such way to sign in.
 */
export function getAuthentication(
  destination: Destination,
  type: string,
  how: 'filled in' | 'in browser',
): AuthenticationDeclaration {
  const declaration = destination.authentications.find((candidate) => candidate.type === type);
  if (declaration !== undefined) {
    if ((declaration.inBrowser === true) === (how === 'in browser')) return declaration;
    throw invalidAuthentication(
      declaration.inBrowser === true
        ? `With ${declaration.type} a person signs in in a browser: begin with POST /api/v1/accounts/browser-sign-ins.`
        : `${declaration.type} needs no browser: create the account with POST /api/v1/accounts, or change its credentials.`,
    );
  }
  const known = destination.authentications.map((candidate) => candidate.type).join(', ');
  throw invalidAuthentication(
    `${destination.title} knows no authentication ${JSON.stringify(type.slice(0, 100))}. Known: ${known}.`,
  );
}

const invalidAuthentication = (message: string): HeadraceError =>
  invalidInput(message, [{ pointer: '/authentication', message }]);

/** Fields of a dataflow: the destination's own, and those that every dataflow has. */
export const detailFieldsOf = ({ detailFields }: Destination): readonly InputField[] => [
  ...detailFields,
  ...commonDetailFields,
];
