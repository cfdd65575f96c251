import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createService, serviceConfig, type RunningService } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../log.js';
import { DiskQueue } from '../producer/disk-queue.js';
import { RecordProducer } from '../producer/record-producer.js';
import { ProducerModule } from './producer.module.js';
import { producerVariables } from './producer-variables.js';

@Module({ imports: [ProducerModule.forService('parcels', [])] })
class ParcelModule {}

describe('a service that produces, with its broker away', () => {
  let folder: string;
  let service: RunningService;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-buffer-'));
  });
  afterEach(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (environment: Record<string, string>): Promise<RecordProducer> => {
    service = await createService(
      { name: 'parcels', module: ParcelModule, config: serviceConfig(0).extend(producerVariables) },
      { LOG_LEVEL: 'silent', PORT: '0', KAFKA_BROKERS: '127.0.0.1:1', ...environment },
    );
    return service.app.get(RecordProducer, { strict: false });
  };
  const figure = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name}\\{.*\\} (.+)$`, 'm').exec(await (await fetch(`${service.url}/metrics`)).text())?.[1]);
  const parcel = (n: number) => ({ topic: 'parcels', key: `k${n}`, value: `parcel ${n}` });

  it('has taken a record when it is on disk, in a folder of its own, and counts what waits', async () => {
    const producer = await start({ BUFFER_DIR: folder });
    await Promise.all([1, 2, 3].map((n) => producer.send(parcel(n))));
    expect(await figure('isobar_producer_pending_bytes')).toBeGreaterThan(0);
    expect(await figure('isobar_producer_refused_records')).toBe(0);
    await service.stop();
    const left = new DiskQueue(join(folder, 'parcels'), 1_000_000, silentLog);
    const values = left.next('parcels', 1_000_000)?.records.map(({ value }) => String(value));
    left.close();
    expect(values).toEqual(['parcel 1', 'parcel 2', 'parcel 3']);
  }, 30_000);

  it('refuses and counts what finds no room', async () => {
    const producer = await start({
      BUFFER_DIR: folder,
      BUFFER_BYTES: '65536',
      KAFKA_PRODUCER: 'buffer.memory=65536',
    });
    const large = { topic: 'parcels', key: 'k', value: 'x'.repeat(30_000) };
    const sends = Array.from({ length: 8 }, () => producer.send(large));
    const outcomes = Promise.allSettled(sends);
    await expect(Promise.race(sends.slice(-1))).rejects.toThrow(/already wait/);
    const refused = await figure('isobar_producer_refused_records');
    expect(refused).toBeGreaterThan(0);
    await service.stop();
    const words = (await outcomes).map((each) => (each.status === 'fulfilled' ? 'taken' : String(each.reason)));
    expect(words).toContain('taken');
    expect(words.filter((word) => word.includes('already wait'))).toHaveLength(refused);
  }, 30_000);
});
