import Type from 'typebox';
import { wireList, wireObject } from './wire.ts';

const inputField = wireObject(
  {
    name: Type.String(),
    title: Type.String(),
    description: Type.String(),
    required: Type.Boolean(),
    secret: Type.Boolean({ description: 'Sealed at rest and never read back.' }),
    pattern: Type.Optional(Type.String()),
    max_length: Type.Optional(Type.Integer()),
    enum: Type.Optional(Type.Array(Type.String())),
    default: Type.Optional(Type.String()),
  },
  { title: 'Field to fill in' },
);

export const destinationWire = wireObject(
  {
    type: Type.String(),
    title: Type.String(),
    description: Type.String(),
    category: Type.String(),
    connection_type: Type.String(),
    frequency: Type.String(),
    authentications: Type.Array(
      wireObject({
        type: Type.String(),
        title: Type.String(),
        in_browser: Type.Boolean({
          description: 'A person signs in at the destination: begin with /accounts/browser-sign-ins.',
        }),
        fields: Type.Array(inputField),
      }),
      { description: 'The ways to sign in, with the fields of an account.' },
    ),
    detail_fields: Type.Array(inputField, { description: 'Fields of a dataflow.' }),
    max_batch_records: Type.Integer(),
  },
  { title: 'Destination' },
);
export const destinationListWire = wireList(destinationWire, 'The catalog of destinations');
