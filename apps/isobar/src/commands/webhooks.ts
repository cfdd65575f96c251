import { table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface Webhook {
  readonly id: number;
  readonly url: string;
  readonly enabled: boolean;
  readonly failures: number;
  readonly lastError: string | null;
  readonly lastDeliveredAt: string | null;
  readonly pending: number;
  readonly dead: number;
}

interface Delivery {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly nextAttemptAt: string | null;
  readonly lastError: string | null;
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('USER_SERVICE_URL', server);
const pathOf = (person: string, ...rest: readonly string[]): string =>
  ServiceClient.path('users', person, 'webhooks', ...rest);

const stateOf = ({ enabled, failures, lastError }: Webhook): string => {
  if (!enabled) return `off${lastError === null ? '' : `: ${lastError}`}`;
  return failures === 0 ? 'fine' : `failed ${failures} times: ${lastError ?? 'no reason was given'}`;
};

/** @param person the id of a person */
export async function listWebhooks(person: string, options: RestOptions): Promise<void> {
  const { items } = await client(options).get<{ items: readonly Webhook[] }>(pathOf(person));
  print(options, items, () =>
    items.length === 0
      ? `person ${person} has no webhooks`
      : table(
          ['id', 'url', 'waiting', 'dead', 'last delivered', 'state'],
          items.map((webhook) => [
            String(webhook.id),
            webhook.url,
            String(webhook.pending),
            String(webhook.dead),
            webhook.lastDeliveredAt ?? '-',
            stateOf(webhook),
          ]),
        ),
  );
}

/** The secret is shown this once. */
export async function addWebhook(person: string, url: string, options: RestOptions): Promise<void> {
  const made = await client(options).post<Webhook & { secret: string }>(pathOf(person), { url });
  print(options, made, () =>
    [`webhook ${made.id} gets the alerts of person ${person}`, `its secret, shown this once: ${made.secret}`].join(
      '\n',
    ),
  );
}

export async function testWebhook(person: string, id: string, options: RestOptions): Promise<void> {
  const delivery = await client(options).post<Delivery>(pathOf(person, id, 'test'), {});
  print(options, delivery, () => `a test is on its way: delivery ${delivery.id}`);
}

export async function listDeliveries(person: string, id: string, options: RestOptions): Promise<void> {
  const { items } = await client(options).get<{ items: readonly Delivery[] }>(pathOf(person, id, 'deliveries'));
  print(options, items, () =>
    items.length === 0
      ? `nothing was delivered to webhook ${id} in the last week`
      : table(
          ['id', 'state', 'attempts', 'made', 'next attempt', 'last error'],
          items.map(({ id: deliveryId, state, attempts, createdAt, nextAttemptAt, lastError }) => [
            deliveryId,
            state,
            String(attempts),
            createdAt,
            nextAttemptAt ?? '-',
            lastError ?? '-',
          ]),
        ),
  );
}

export async function replayWebhook(person: string, id: string, options: RestOptions): Promise<void> {
  const replayed = await client(options).post<{ replayed: number }>(pathOf(person, id, 'replay'), {});
  print(options, replayed, () => `${replayed.replayed} deliveries that were given up are tried anew`);
}

export async function removeWebhook(person: string, id: string, options: RestOptions): Promise<void> {
  await client(options).delete(pathOf(person, id));
  print(options, { removed: Number(id) }, () => `webhook ${id} is gone`);
}
