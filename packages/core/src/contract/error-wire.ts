import Type from 'typebox';
import { type ErrorCode, errorCodes } from '../errors/codes.ts';
import { type Wire, wireObject } from './wire.ts';

/** One thing wrong with a request or record. */
export const errorDetailWire = wireObject(
  {
    pointer: Type.Optional(Type.String({ description: 'JSON pointer to what is wrong.' })),
    row: Type.Optional(Type.Integer({ description: 'Row of a file, the header being row 1.' })),
    position: Type.Optional(Type.Integer({ description: 'Zero-based offset into the text at the pointer.' })),
    keyword: Type.Optional(Type.String({ description: 'The rule that was broken.' })),
    message: Type.String({ description: 'What was expected and what was found.' }),
  },
  { title: 'Error detail' },
);

/** The body of every answer that is an error. */
export const errorWire = wireObject(
  {
    error: wireObject({
      code: Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(errorCodes) }),
      message: Type.String({ description: 'What was wrong, where, and what was expected.' }),
      remedy: Type.String({ description: 'What to do about it.' }),
      details: Type.Array(errorDetailWire),
      error_id: Type.Optional(Type.String({ description: 'Finds the error in the log of the server.' })),
    }),
  },
  { title: 'Error' },
);
export type ErrorWire = Wire<typeof errorWire>;
