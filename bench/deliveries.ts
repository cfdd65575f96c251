import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Database } from '../apps/user-service/src/database/database.js';
import { DeliveryStore } from '../apps/user-service/src/delivery/delivery-store.js';
import { DeliveryWorker } from '../apps/user-service/src/delivery/delivery-worker.js';
import { AddressRules } from '../apps/user-service/src/delivery/webhooks/public-address.js';
import { newSecret } from '../apps/user-service/src/delivery/webhooks/signature.js';
import { WebhookSender } from '../apps/user-service/src/delivery/webhooks/webhook-sender.js';
import { ServiceOnPostgres } from '../apps/user-service/src/testing/service-on-postgres.js';
import { thisMachine, writeResult } from './machine.js';

const usage = 'npm run bench -- deliveries [--notices 10000] [--webhooks 200] [--hanging 5] [--json FILE]';

/** Far ahead: the service's own jobs find nothing to do yet. */
const nowMs = Date.parse('2126-03-01T12:00:00Z');

/**
 * How long a queue of notices takes to leave for webhooks of this machine, some of which hang, on PostgreSQL. Fails when one is not delivered
 * or is delivered twice.
 */
export async function deliveriesBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      notices: { type: 'string', default: '10000' },
      webhooks: { type: 'string', default: '200' },
      hanging: { type: 'string', default: '5' },
      json: { type: 'string' },
    },
  });
  const [notices, webhooks, hanging] = [values.notices, values.webhooks, values.hanging].map(Number) as [
    number,
    number,
    number,
  ];
  if (!(notices >= 1 && notices <= 1e6) || !(webhooks >= 1 && webhooks <= 10_000) || !(hanging >= 0 && hanging <= 16)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const ids: string[] = [];
  const receiver = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url === '/hangs') return;
      ids.push(String(request.headers['webhook-id']));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const service = await ServiceOnPostgres.start();
  try {
    const targets = (path: string, count: number): string => `
      INSERT INTO delivery_targets (user_id, channel, address, secret, kinds, is_enabled, confirmed_at_ms, created_at_ms,
        updated_at_ms, next_at_ms)
      SELECT 1 + n % 10, 'WEBHOOK', '${url}${path}', '${newSecret()}', '{raised}', TRUE, 0, 0, 0, ${nowMs}
      FROM generate_series(1, ${count}) AS n`;
    await service.sql(targets('/hangs', hanging));
    await service.sql(targets('/', webhooks));
    await service.sql(`
      INSERT INTO deliveries (id, target_id, notice, created_at_ms, next_at_ms)
      SELECT md5(t.id || '/' || n), t.id, jsonb_build_object('type', 'alert.notice', 'text', repeat('x', 400)), ${nowMs}, ${nowMs}
      FROM (SELECT id, address, row_number() OVER (PARTITION BY address ORDER BY id) - 1 AS place FROM delivery_targets) t,
        generate_series(1, ${notices}) AS n
      WHERE CASE WHEN t.address LIKE '%/hangs' THEN n <= 10 ELSE n % ${webhooks} = t.place END`);
    const store = new DeliveryStore(service.app.get(Database));
    const sender = new WebhookSender(new AddressRules(true), { now: () => nowMs });
    const worker = new DeliveryWorker(store, { WEBHOOK: sender, EMAIL: undefined }, () => nowMs);
    const startedMs = performance.now();
    const failsAfterMs = 300_000;
    while (ids.length < notices && performance.now() - startedMs < failsAfterMs) {
      await worker.begin();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    receiver.closeAllConnections();
    await worker.stop();
    const isGood = ids.length === notices && new Set(ids).size === notices;
    const result = { notices, webhooks, hanging, seconds, perSecond: notices / seconds, machine: thisMachine() };
    console.log(
      `${ids.length} of ${notices} notices for ${webhooks} webhooks left in ${seconds.toFixed(1)} s, ` +
        `${Math.round(notices / seconds)} a second, beside ${hanging} that hang${isGood ? '' : ': NOT EACH ONCE'}`,
    );
    await writeResult('deliveries', values.json, result);
    return isGood ? 0 : 1;
  } finally {
    await service.stop();
    receiver.closeAllConnections();
    receiver.close();
  }
}
