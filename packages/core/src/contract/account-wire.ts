import Type from 'typebox';
import { connectionTopics, findingSeverities } from '../dataflow/connection-report.ts';
import {
  type Wire,
  wireCount,
  wireId,
  wireInstant,
  wireList,
  wireName,
  wireNullable,
  wireObject,
} from './wire.ts';

const values = Type.Record(Type.String(), Type.String({ maxLength: 20_000 }), {
  description: 'The fields that the way to sign in declares. Secret ones are never read back.',
});

export const newAccountWire = wireObject(
  {
    destination_type: Type.String({ maxLength: 100, description: 'From the catalog of destinations.' }),
    name: wireName('Unique among accounts.'),
    authentication: Type.String({ maxLength: 100, description: 'A way to sign in that it declares.' }),
    values,
  },
  { title: 'New account' },
);
const anotherWay = Type.Optional(
  Type.String({ maxLength: 100, description: 'Another way to sign in than before.' }),
);
export const accountCredentialsWire = wireObject(
  { authentication: anotherWay, values },
  { title: 'Credentials of an account' },
);

export const browserSignInWire = wireObject(
  {
    url: Type.String({
      description: 'Where to send the browser. It is secret: who has it can sign in for you.',
    }),
    redirect_url: Type.String({
      description: 'Where it comes back to; the app at the destination has to know it.',
    }),
    expires_at: wireInstant('Until when it has to be back.'),
  },
  { title: 'Sign-in in a browser' },
);

export const connectionReportWire = wireObject(
  {
    organization_id: Type.String(),
    organization_name: Type.String(),
    instance_url: Type.String(),
    api_version: Type.String(),
    username: Type.String(),
    calls_used: Type.Integer(),
    calls_allowed: Type.Integer(),
    warnings: Type.Array(Type.String(), { description: 'What to know or mend, most important first.' }),
    findings: Type.Array(
      wireObject(
        {
          topic: Type.Enum([...connectionTopics]),
          subject: Type.String({ description: 'The scope, object, field or limit it is about.' }),
          severity: Type.Enum([...findingSeverities], {
            description:
              'problem: deliveries cannot work; warning: they may not; note: worth knowing; ok: as it should be.',
          }),
          message: Type.String(),
          remedy: wireNullable(Type.String({ description: 'What to do about it.' })),
        },
        { title: 'Finding' },
      ),
      { description: 'All that was looked at, most important first.' },
    ),
  },
  { title: 'Connection report' },
);
export type ConnectionReportWire = Wire<typeof connectionReportWire>;

export const accountWire = wireObject(
  {
    account_id: wireId('Of the account.'),
    destination_type: Type.String(),
    name: Type.String(),
    authentication: Type.String(),
    settings: Type.Record(Type.String(), Type.String(), { description: 'Its fields that are not secret.' }),
    status: Type.Literal('connected', { description: 'Only accounts that signed in are kept.' }),
    report: wireNullable(connectionReportWire),
    connected_at: wireNullable(wireInstant('When it last signed in for a test.')),
    created_at: wireInstant('When it was created.'),
  },
  { title: 'Account' },
);
export type AccountWire = Wire<typeof accountWire>;
export const accountListWire = wireList(accountWire, 'Accounts');

export const apiCallsWire = wireObject(
  {
    since: wireInstant('Start of the rolling 24 hours.'),
    total: wireCount('Calls in them.'),
    allowance: wireCount('Calls allowed in any 24 hours.'),
    by_purpose: Type.Array(wireObject({ purpose: Type.String(), calls: wireCount('Calls for it.') })),
  },
  { title: 'API calls' },
);
