import { parseProducerSettings, readTopic, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { Shutdown } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import { journalTopic } from '../topics/loss-journal.js';
import { writeEntries } from '../topics/write-entries.js';

const keyPrefix = 'lease of ';
/** Longer than any change takes: the engine is given two minutes for one. */
const leaseMs = 180_000;
/** A claim that is not given back ends by itself: nobody waits long for that. */
const giveBackMs = 2_000;

/** Whether an entry of the journal is about who may change the pipeline, and not of a deployment. */
export const isLeaseKey = (key: Buffer | null): boolean => key?.toString().startsWith(keyPrefix) ?? false;

const claimSchema = z.object({
  id: z.string(),
  what: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Tells two processes of one id apart, one of which has ended: in a container it is always the same. */
  process: z.string(),
  until: z.number(),
});
type Claim = z.output<typeof claimSchema>;

const ownProcess = randomUUID();

/** Another process of this service changes the pipeline now. */
export class LeaseHeldError extends Error {
  override readonly name = 'LeaseHeldError';

  constructor({ what, pid, host }: Claim) {
    super(`another stream-admin (process ${pid} on ${host}) is busy with ${what}`);
  }
}

/**
 * Makes sure that one process at a time changes the pipeline. Each writes a claim into the journal, whose one partition gives all an order,
 * then reads: the oldest claim that was not given back holds. One whose process has ended, or whose time is over, does not count.
 */
@Injectable()
export class DeploymentLease {
  private readonly producer: RecordProducer;
  private held: string | undefined;

  constructor(
    @Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions,
    shutdown: Shutdown,
  ) {
    this.producer = new RecordProducer(kafka, parseProducerSettings(''));
    shutdown.register('producers', 'deployment lease', async () => {
      if (this.held !== undefined) await this.giveBack(this.held);
      await this.producer.close();
    });
  }

  /** @throws LeaseHeldError when another one holds it; JournalUnwritableError or what the broker says when it is away */
  async hold<T>(what: string, work: () => Promise<T>): Promise<T> {
    const claim: Claim = {
      id: randomUUID(),
      what,
      host: hostname(),
      pid: process.pid,
      process: ownProcess,
      until: Date.now() + leaseMs,
    };
    this.held = claim.id;
    try {
      await this.write(claim.id, JSON.stringify(claim));
      const [holder] = await this.claims();
      if (holder !== undefined && holder.id !== claim.id) throw new LeaseHeldError(holder);
      return await work();
    } finally {
      await this.giveBack(claim.id);
    }
  }

  /** When the broker is away the claim ends with its time, or with this process. */
  private async giveBack(id: string): Promise<void> {
    this.held = undefined;
    await this.write(id, null, giveBackMs).catch(() => undefined);
  }

  /** Those that count, oldest first. */
  private async claims(): Promise<Claim[]> {
    const claims = new Map<string, Claim>();
    await readTopic(this.kafka, journalTopic.name, ({ key, value }) => {
      if (!isLeaseKey(key)) return;
      const id = String(key).slice(keyPrefix.length);
      const claim = parse(value);
      if (claim === undefined) claims.delete(id);
      else claims.set(id, claim);
    });
    return [...claims.values()].filter(counts);
  }

  private write(id: string, value: string | null, waitMsMax?: number): Promise<void> {
    const record = { topic: journalTopic.name, partition: 0, key: keyPrefix + id, value };
    return writeEntries(this.producer, [record], waitMsMax);
  }
}

function parse(value: Buffer | null): Claim | undefined {
  try {
    return value === null ? undefined : claimSchema.parse(JSON.parse(value.toString()));
  } catch {
    return undefined;
  }
}

function counts({ until, host, pid, process: of }: Claim): boolean {
  if (until < Date.now()) return false;
  if (host !== hostname()) return true;
  return pid === process.pid ? of === ownProcess : isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
