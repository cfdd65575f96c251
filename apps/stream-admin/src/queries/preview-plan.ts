import { readTopic, type IncomingRecord, type KafkaClientOptions } from '@isobar/kafka';
import { previewChange, previewInputs, type Preview, type PreviewInputs, type RecordedRow } from '@isobar/pipeline';
import { Problem } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import type { PlanView } from './plan-schema.js';
import { Plans } from './plans.js';

/** So many are read for one object at most, and so many bytes of keys and values. */
const recordsMax = 500_000;
const bytesMax = 256 * 1024 * 1024;
const examplesMax = 5;

const rowSchema = z.object({
  what: z.enum(['added', 'gone', 'changed']),
  key: z.string(),
  atMs: z.number().describe('event time, ms since the epoch'),
  columns: z.array(z.object({ name: z.string(), before: z.unknown(), after: z.unknown() })),
});

export const previewSchema = z.object({
  plan: z.string(),
  fromMs: z.number().describe('the beginning of the window, ms since the epoch'),
  objects: z.array(
    z.object({
      name: z.string(),
      added: z.number().describe('rows that only the file would write'),
      gone: z.number().describe('rows that only what runs writes'),
      changed: z.number().describe('rows of the same key and time with other values'),
      same: z.number(),
      byColumn: z.record(z.string(), z.number()).describe('in how many changed rows a column differs'),
      taken: z.number().describe('records that went through both'),
      of: z.number().describe('records of the window; more than taken when time or number was up'),
      ms: z.number().describe('how long it took'),
      examples: z.array(rowSchema).describe('the first rows that differ'),
    }),
  ),
  skipped: z.array(z.object({ name: z.string(), because: z.string() })),
});
export type PreviewView = z.infer<typeof previewSchema>;

/** What the rows of the last hours would be under the files, beside what they are: nothing is made on broker or engine. */
@Injectable()
export class PreviewPlan {
  constructor(
    @Inject(KAFKA_OPTIONS) private readonly kafka: KafkaClientOptions,
    private readonly plans: Plans,
  ) {}

  /** @throws Problem as for a plan; 503 when Kafka cannot be read */
  async run(windowMs: number): Promise<PreviewView> {
    const { plan, world } = await this.plans.makeWithObjects();
    const fromMs = Date.now() - windowMs;
    const objects: PreviewView['objects'] = [];
    const skipped: PreviewView['skipped'] = [];
    for (const item of plan.items.filter(isChange)) {
      const inputs = previewInputs(item.name, item.wants ?? '', world);
      if (typeof inputs === 'string') {
        skipped.push({ name: item.name, because: inputs });
        continue;
      }
      const { records, left } = await this.read(inputs.topics, fromMs);
      const found = previewChange({ ...inputs, records });
      objects.push({ name: item.name, ...toView(found), of: found.of + left });
    }
    return { plan: plan.id, fromMs, objects, skipped };
  }

  private async read(topics: PreviewInputs['topics'], fromMs: number): Promise<RowsToPreview> {
    const rows = new RowsToPreview(fromMs);
    // Tables first: where there is no room for all, what is joined to is there.
    for (const topic of topics.toSorted((a, b) => Number(b.isTable) - Number(a.isTable))) {
      try {
        await readTopic(this.kafka, topic.name, (record) => rows.add(record, topic.isTable));
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new Problem(503, {
          type: 'upstream-unavailable',
          title: `The topic ${topic.name} cannot be read`,
          detail,
        });
      }
    }
    return rows;
  }
}

/** The rows of a window, up to a number of them and of their bytes; what there was no room for is counted. */
export class RowsToPreview {
  readonly records: RecordedRow[] = [];
  left = 0;
  private bytes = 0;

  constructor(
    private readonly fromMs: number,
    private readonly room = { records: recordsMax, bytes: bytesMax },
  ) {}

  add(record: Omit<IncomingRecord, 'offset' | 'headers'>, isTable: boolean): void {
    const { topic, partition, key, value, timestampMs: timestamp } = record;
    if (!isTable && timestamp < this.fromMs) return;
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    if (this.records.length >= this.room.records || this.bytes + bytes > this.room.bytes) this.left += 1;
    else {
      this.bytes += bytes;
      // A view would keep all that was fetched with it.
      const copy = (part: Buffer | null): Buffer | null => part && Buffer.from(part);
      this.records.push({ topic, partition, key: copy(key), value: copy(value), timestamp, headers: [] });
    }
  }
}

/** What differs by itself, and not only because of what it reads. */
const isChange = ({ verdict, reason, wants }: PlanView['items'][number]): boolean =>
  wants !== null &&
  reason !== 'source-anew' &&
  reason !== 'kind-changed' &&
  ['in place', 'side by side', 'drifted'].includes(verdict);

function toView({ added, gone, changed, same, byColumn, taken, of, ms, changes }: Preview) {
  const examples = changes.slice(0, examplesMax).map((change) => ({
    ...change,
    columns: change.columns.map(({ name, before, after }) => ({ name, before: plain(before), after: plain(after) })),
  }));
  return { added, gone, changed, same, byColumn: { ...byColumn }, taken, of, ms, examples };
}

/** JSON has no integers beyond 2^53. */
const plain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
