import { table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface Alert {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly severity: string;
  readonly raisedAt: string;
  readonly endedAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly sentence: string;
}

interface Why {
  readonly alert: Alert;
  readonly steps: readonly {
    readonly kind: string;
    readonly at: string;
    readonly sentence: string;
    readonly rebuilt: boolean | null;
    readonly evidence: readonly {
      readonly at: string;
      readonly value: number;
      readonly topic: string;
      readonly partition: number;
      readonly offset: number;
    }[];
  }[];
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('USER_SERVICE_URL', server);

/** @param person the id of a person */
export async function listAlerts(person: string, options: RestOptions): Promise<void> {
  const path = ServiceClient.path('users', person, 'alerts');
  const { items } = await client(options).get<{ items: readonly Alert[] }>(path);
  print(options, items, () =>
    items.length === 0
      ? `person ${person} has had no alerts`
      : table(
          ['id', 'name', 'severity', 'state', 'raised', 'over'],
          items.map(({ id, name, severity, state, acknowledgedAt, raisedAt, endedAt }) => [
            id,
            name,
            severity.toLowerCase(),
            state !== 'ended' && acknowledgedAt !== null ? `${state}, acknowledged` : state,
            raisedAt,
            endedAt ?? '-',
          ]),
        ),
  );
}

/** What led to each step of an alert, down to the records. */
export async function whyAlert(id: string, options: RestOptions): Promise<void> {
  const why = await client(options).get<Why>(ServiceClient.path('alerts', id, 'why'));
  print(options, why, () => [why.alert.sentence, ...why.steps.map(inWords)].join('\n'));
}

export async function acknowledgeAlert(id: string, options: RestOptions): Promise<void> {
  const alert = await client(options).post<Alert>(ServiceClient.path('alerts', id, 'acknowledge'), {});
  print(options, alert, () => `${alert.name} is acknowledged; it stays open until its conditions are over`);
}

function inWords({ at, kind, sentence, rebuilt, evidence }: Why['steps'][number]): string {
  const records = evidence.map(
    ({ at: measuredAt, value, topic, partition, offset }) =>
      `    ${measuredAt}  ${value}  ${topic}/${partition} @${offset}`,
  );
  const proof = rebuilt === null ? [] : [`    these records alone ${rebuilt ? 'lead' : 'do not lead'} to it again`];
  return [`${at}  ${kind}`, `  ${sentence}`, ...records, ...proof].join('\n');
}
