import type { InputField } from '@headrace/core';
import { defaultCustomDomain } from '../host-policy.ts';

/** Salesforce ends a call after 10 minutes (Salesforce Developer Limits, "API Request Limits", time-out). */
export const defaultCallTimeLimitSeconds = 600;

export const usernameField: InputField = {
  name: 'username',
  title: 'Username',
  description: 'Your Salesforce account username.',
  required: true,
  secret: false,
  maxLength: 255,
};

export const clientIdField: InputField = {
  name: 'client_id',
  title: 'Client ID',
  description: 'The Consumer Key of your external client app or connected app.',
  required: true,
  secret: false,
  maxLength: 1_000,
};

export const clientSecretField: InputField = {
  name: 'client_secret',
  title: 'Client Secret',
  description: 'The Consumer Secret of your external client app or connected app.',
  required: true,
  secret: true,
  maxLength: 1_000,
};

export const customDomainField: InputField = {
  name: 'custom_domain',
  title: 'Custom Domain',
  description:
    'Your Salesforce domain: its name (acme), host (acme.my.salesforce.com) or URL; login.salesforce.com or test.salesforce.com where the org allows signing in there.',
  required: false,
  secret: false,
  maxLength: 1_000,
  default: defaultCustomDomain,
};

export const callTimeLimitField: InputField = {
  name: 'call_time_limit_seconds',
  title: 'Call time limit (advanced)',
  description:
    'How long, in seconds, this org may go on with a call whose connection was lost. Salesforce ends calls after 10 minutes; leave it at 600 for a real org.',
  required: false,
  secret: false,
  pattern: '^[1-9][0-9]{0,3}$',
  maxLength: 4,
  default: String(defaultCallTimeLimitSeconds),
};
