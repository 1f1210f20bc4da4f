import Type from 'typebox';

/** A client registered in the org; client id and secret are its consumer key and consumer secret. */
export const connectedAppSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: 'the client id when left out' })),
    clientId: Type.String({ minLength: 1 }),
    clientSecret: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);
export type ConnectedApp = Type.Static<typeof connectedAppSchema>;

/** The app of an org that names none: public sample credentials that open nothing but an emulator. */
export const sampleApp: ConnectedApp = {
  name: 'Sample app',
  clientId: '3MVG9.emulator.sample.client.id',
  clientSecret: 'EMULATOR0SAMPLE0CLIENT0SECRET',
};
