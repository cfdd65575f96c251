import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A record as it was sent to the recorded server. */
export interface SentRecord {
  readonly topic: string;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** Records that were sent together; after them the server was left alone until no topic moved. */
export interface Phase {
  readonly phase: string;
  readonly records: readonly SentRecord[];
}

/** A row of a result topic as bytes, oldest first within its key. */
export interface TopicRow {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** ms since the epoch */
  readonly timestamp: number;
}

export interface Recording {
  readonly phases: readonly Phase[];
  /** The wall clock of the recorded server, ms: it matters only to the reading from a clock that is ahead. */
  readonly nowMs: number;
  /** By topic. */
  readonly results: ReadonlyMap<string, readonly TopicRow[]>;
}

type WrittenBytes = string | null | { readonly hex: string };

interface WrittenRow {
  readonly key: WrittenBytes;
  readonly value: WrittenBytes;
  readonly timestamp: number;
}

interface WrittenRecord extends Omit<SentRecord, 'timestamp'> {
  readonly timestamp: string;
}

interface WrittenPhase {
  readonly phase: string;
  readonly records: readonly WrittenRecord[];
}

/** Reads `phases.json` and `results/TOPIC.json` of a folder. */
export async function readRecording(folder: string): Promise<Recording> {
  const phases = (await readJson(join(folder, 'phases.json'))) as readonly WrittenPhase[];
  const results = join(folder, 'results');
  const topics = (await readdir(results)).filter((file) => file.endsWith('.json')).sort();
  if (topics.length === 0) throw new Error(`No result topic in ${results}: expected one file TOPIC.json each`);
  const rowsOf = async (file: string): Promise<[string, readonly TopicRow[]]> => {
    const rows = (await readJson(join(results, file))) as readonly WrittenRow[];
    return [
      file.replace(/\.json$/, ''),
      rows.map(({ key, value, timestamp }) => ({ key: bytesOf(key), value: bytesOf(value), timestamp })),
    ];
  };
  const answers = new Map(await Promise.all(topics.map(rowsOf)));
  const measuredAt = measuredAtOf(answers.get('checked-readings') ?? []);
  return {
    phases: asAnswered(phases, measuredAt),
    // The newest reading is that from the clock that is ahead.
    nowMs: Math.max(AHEAD_MS, ...measuredAt.values()) - AHEAD_MS,
    results: answers,
  };
}

/** How far ahead of the wall clock the recorded sensor is whose clock is wrong. */
const AHEAD_MS = 50 * 60_000;

/**
 * What was sent, as the answers tell it. The times of all records are fixed but one: that of the reading from a clock that is ahead counts from
 * the minute in which it was sent, and the records were written down in another one than the answers.
 */
function asAnswered(written: readonly WrittenPhase[], measuredAt: ReadonlyMap<string, number>): readonly Phase[] {
  let changed: string | undefined;
  const asSent = ({ topic, key, value, timestamp }: WrittenRecord): SentRecord => {
    const sent = { topic, key, value, timestamp: Number(timestamp) };
    const reading = topic === 'iot-sensors' ? readingIn(value) : undefined;
    const answered = reading && measuredAt.get(reading.eventId);
    if (value === null || !reading || answered === undefined || answered === reading.measuredAtMs) return sent;
    if (changed !== undefined)
      throw new Error(`Readings ${changed} and ${reading.eventId} both have other times than their answers`);
    changed = reading.eventId;
    return { ...sent, value: value.replace(String(reading.measuredAtMs), String(answered)) };
  };
  return written.map(({ phase, records }) => ({ phase, records: records.map(asSent) }));
}

function readingIn(value: string | null): { readonly eventId: string; readonly measuredAtMs: number } | undefined {
  const found = /"event_id":"([^"]+)".*"measured_at":(\d+)/.exec(value ?? '');
  return found === null ? undefined : { eventId: found[1] ?? '', measuredAtMs: Number(found[2]) };
}

/** By event. */
function measuredAtOf(checkedReadings: readonly TopicRow[]): ReadonlyMap<string, number> {
  const rows = checkedReadings.map(({ value }) => JSON.parse(String(value)) as Readonly<Record<string, unknown>>);
  return new Map(
    rows
      .filter((row) => typeof row['EVENT_ID'] === 'string')
      .map((row) => [String(row['EVENT_ID']), Number(row['MEASURED_AT'])]),
  );
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON`, { cause: error });
  }
}

function bytesOf(written: WrittenBytes): Buffer | null {
  if (written === null) return null;
  return typeof written === 'string' ? Buffer.from(written) : Buffer.from(written.hex, 'hex');
}
