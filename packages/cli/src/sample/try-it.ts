import { dataflowRecordPageWire, profileWire } from '@headrace/core';
import { type ApiClient, apiPath } from '../api-client.ts';
import { shellQuote } from './shell-quote.ts';

/** A member of an activated segment whose record can be changed by hand. */
export type SampleMember = {
  readonly datasetId: string;
  /** The record its dataset holds, with another city. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly city: string;
  /** Of the Contact in Salesforce. */
  readonly recordId: string;
};

const cities = ['Lisbon', 'Reykjavik'];
const candidates = 100;

/** Finds a member at the destination that one record of the dataset makes up; undefined when there is none. */
export const findSampleMember = async (
  api: ApiClient,
  dataflowId: string,
  datasetId: string,
): Promise<SampleMember | undefined> => {
  const { items } = await api.send({
    method: 'GET',
    path: `/dataflows/${dataflowId}/records?status=activated&limit=${candidates}`,
    answer: dataflowRecordPageWire,
  });
  for (const { profile_id, record_id } of items) {
    const { fragments } = await api.send({
      method: 'GET',
      path: `/profiles/${profile_id}`,
      answer: profileWire,
    });
    const [fragment, ...others] = fragments;
    if (record_id === null || fragment?.dataset_id !== datasetId || others.length > 0) continue;
    const changed = withOtherCity(fragment.document);
    if (changed !== undefined) return { datasetId, ...changed, recordId: record_id };
  }
  return undefined;
};

/**
 * The record with another city, and without the time of its last update, so that the time of receipt counts as
 * that. Undefined when it has no city, or letters that a terminal may not take over when pasted.
 */
export const withOtherCity = (
  document: Readonly<Record<string, unknown>>,
): Pick<SampleMember, 'record' | 'city'> | undefined => {
  const { extSourceSystemAudit: _, ...record } = document;
  const { homeAddress } = record;
  if (typeof homeAddress !== 'object' || homeAddress === null || !('city' in homeAddress)) return undefined;
  if (!/^[\x20-\x7e]*$/.test(JSON.stringify(record))) return undefined;
  const city = cities.find((candidate) => candidate !== homeAddress.city) ?? '';
  return { record: { ...record, homeAddress: { ...homeAddress, city } }, city };
};

/** A command that sends the record, the token read from its file by the shell. */
export const sendCommand = (baseUrl: string, ownerTokenFile: string, member: SampleMember): string =>
  [
    `curl -sS -X POST ${baseUrl}${apiPath}/datasets/${member.datasetId}/records`,
    `-H "Authorization: Bearer $(cat ${shellQuote(ownerTokenFile)})"`,
    `-H 'Content-Type: application/json'`,
    `-d ${shellQuote(JSON.stringify(member.record))}`,
  ].join(' \\\n  ');

/** A command that shows the address of the Contact as the page of the emulator has it. */
export const showContactCommand = (emulatorUrl: string, { recordId }: SampleMember): string =>
  `curl -sS ${emulatorUrl}/record/${recordId} | sed 's/<[^>]*>/ /g' | tr -s ' ' | grep -o 'MailingCity [^ ]*'`;
