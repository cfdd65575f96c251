import { KsqlTestDriver, ManualClock } from '@isobar/ksql-engine/testing';
import { readPipeline } from '@isobar/pipeline';
import type { Phase, TopicRow } from './recording.js';

export interface PipelineRun {
  rows(topic: string): readonly TopicRow[];
  /** How many bytes at the end of the topic's keys tell the window. */
  windowBytes(topic: string): number;
}

/** Runs the `.sql` files of a folder in memory over the phases, at a wall clock that stands still. */
export async function runPipeline(folder: string, phases: readonly Phase[], nowMs: number): Promise<PipelineRun> {
  const driver = new KsqlTestDriver({
    clock: new ManualClock(nowMs),
    storesPlans: true,
    // Tells the end of a window at once, where a server looks every second.
    properties: { 'ksql.streams.__emit.interval.ms.kstreams.windowed.aggregation__': '0' },
  });
  for (const { sql } of await readPipeline(folder)) driver.execute(sql);
  for (const { records } of phases)
    for (const { topic, key, value, timestamp } of records)
      driver.pipeBytes(topic, { key: bytesOf(key), value: bytesOf(value), timestamp, headers: [] });
  return {
    rows: (topic) =>
      driver.topicRecords(topic).map(({ key, value, timestamp }) => ({
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        timestamp,
      })),
    windowBytes: (topic) => {
      const window = driver.sources.find((source) => source.topic.topic === topic)?.topic.window;
      return window === undefined ? 0 : window.type === 'SESSION' ? 16 : 8;
    },
  };
}

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
