import { readTopic, type KafkaClientOptions } from '@isobar/kafka';
import { previewChange, previewInputs, type Preview, type RecordedRow } from '@isobar/pipeline';
import { Problem } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { KAFKA_OPTIONS } from '../kafka-options.js';
import type { PlanView } from './plan-schema.js';
import { Plans } from './plans.js';

/** So many are read for one object at most. */
const recordsMax = 500_000;
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
      if (inputs === undefined) {
        skipped.push({ name: item.name, because: 'what runs, or what it reads, cannot be planned here' });
        continue;
      }
      const { records, left } = await this.read(inputs.topics, fromMs);
      const found = previewChange({ ...inputs, records });
      objects.push({ name: item.name, ...toView(found), of: found.of + left });
    }
    return { plan: plan.id, fromMs, objects, skipped };
  }

  private async read(topics: readonly { readonly name: string; readonly isTable: boolean }[], fromMs: number) {
    const records: RecordedRow[] = [];
    let left = 0;
    for (const { name: topic, isTable } of topics) {
      try {
        await readTopic(this.kafka, topic, ({ key, value, timestampMs: timestamp }) => {
          if (!isTable && timestamp < fromMs) return;
          if (records.length < recordsMax) records.push({ topic, key, value, timestamp, headers: [] });
          else left += 1;
        });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new Problem(503, { type: 'upstream-unavailable', title: `The topic ${topic} cannot be read`, detail });
      }
    }
    return { records, left };
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
