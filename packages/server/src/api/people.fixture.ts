import { expect } from 'vitest';
import { startApi } from './api.fixture.ts';

/** The API over two datasets of people and one of events: a CRM by customer id, a shop by e-mail, orders. */
export async function startPeopleApi(options?: Parameters<typeof startApi>[0]) {
  const api = await startApi(options);
  type Method = Parameters<typeof api.call>[0];
  const use = (method: Method, path: string, body?: object) => api.use(method, `/api/v1${path}`, body);
  await use('POST', '/identity-namespaces', { code: 'CRMID', title: 'Customer', id_type: 'CROSS_DEVICE' });
  const email = { path: 'personalEmail.address', namespace: 'Email' };
  const person = [
    'xdm.demographic-details',
    'xdm.personal-contact-details',
    'xdm.external-source-system-audit-details',
    'xdm.loyalty-details',
    'xdm.consent-and-preference-details',
  ];
  const createDataset = async (
    name: string,
    class_id: string,
    field_group_ids: readonly string[],
    identities: readonly object[],
  ): Promise<string> => {
    const { schema_id } = await use('POST', '/schemas', { name, class_id, field_group_ids, identities });
    return (await use('POST', '/datasets', { name, schema_id })).dataset_id;
  };
  const customerId = { path: 'personID', namespace: 'CRMID', primary: true };
  return {
    ...api,
    use,
    crm: await createDataset('CRM', 'xdm.individual-profile', person, [customerId, email]),
    shop: await createDataset('Shop', 'xdm.individual-profile', person, [{ ...email, primary: true }]),
    orders: await createDataset(
      'Orders',
      'xdm.experience-event',
      ['xdm.commerce-details', 'xdm.identity-map'],
      [],
    ),
    /** A request that has to be refused: its status and error. */
    refuse: async (method: Method, path: string, body?: object) => {
      const answer = await api.call(method, `/api/v1${path}`, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      return { status: answer.status, ...answer.body.error };
    },
    /** Profiles of the records, in order; each has to be taken. */
    ingest: async (datasetId: string, records: readonly object[]): Promise<string[]> => {
      const { failed, results } = await use('POST', `/datasets/${datasetId}/records`, { records });
      expect(failed).toBe(0);
      return results.map(({ profile_id }: { profile_id: string }) => profile_id);
    },
    /** A dataflow to the destination in memory that keeps the members of a segment there. */
    activate: async (name: string, segment_id: string): Promise<string> => {
      const { account_id } = await use('POST', '/accounts', {
        destination_type: 'memory',
        name,
        authentication: 'password',
        values: { username: 'ann', password: 'open sesame' },
      });
      const mapping = [
        { source: { attribute: 'personalEmail.address' }, target: 'email' },
        { source: { attribute: 'person.name.lastName' }, target: 'lastName' },
      ];
      const { dataflow_id } = await use('POST', '/dataflows', { account_id, name, mapping });
      await use('POST', `/dataflows/${dataflow_id}/activations`, { segment_id });
      return dataflow_id;
    },
  };
}
export type PeopleApi = Awaited<ReturnType<typeof startPeopleApi>>;
