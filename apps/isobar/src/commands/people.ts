import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

/** The connector that captures the table of people. */
const connector = 'postgres-users-source';

/** Has every row read again; who was deleted meanwhile is found by that, too. */
export async function resnapshotPeople(options: RestOptions): Promise<void> {
  const client = new ServiceClient('STREAM_ADMIN_URL', options.server);
  const answer = await client.post<object | undefined>(`${ServiceClient.path('connectors', connector)}/resnapshot`, {});
  print(
    options,
    answer ?? {},
    () => `${connector} reads the whole table again; see npx isobar connectors show ${connector}`,
  );
}
