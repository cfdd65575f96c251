import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a record as the recordings show them: text, or hexadecimal when they are not printable. */
export type RecordedBytes = string | { readonly hex: string } | null;

export interface RecordedRecord {
  readonly partition?: number;
  readonly timestamp: number;
  readonly key: RecordedBytes;
  readonly value: RecordedBytes;
  readonly headers?: Readonly<Record<string, RecordedBytes>>;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, sent as it is spelled. */
  readonly body?: unknown;
  readonly text?: string;
  readonly writes?: readonly { readonly text?: string; readonly waitMs?: number; readonly end?: boolean }[];
}

export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: string;
  readonly text?: string;
  readonly lines?: readonly string[];
  readonly endsWithNewline?: boolean;
  /** The client ended the answer, which did not end by itself. */
  readonly end?: string;
}

interface StepBase {
  readonly case: string;
  readonly repeatedUntil?: string;
}
export interface HttpStep extends StepBase {
  readonly kind: 'http';
  readonly request: RecordedRequest;
  readonly response: RecordedAnswer;
}
export interface WebsocketStep extends StepBase {
  readonly kind: 'websocket';
  readonly path: string;
  readonly query: { readonly request?: unknown; readonly raw?: string };
  readonly messages: readonly string[];
  readonly close: { readonly code?: number; readonly reason?: string; readonly by?: string };
}
export interface ConsumeStep extends StepBase {
  readonly kind: 'kafka-consume';
  readonly topic: string;
  readonly absent?: boolean;
  readonly records?: readonly RecordedRecord[];
}
export interface TopicStep extends StepBase {
  readonly kind: 'kafka-topic' | 'kafka-create-topic';
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}
export interface NoteStep extends StepBase {
  readonly kind: 'note';
  readonly responseEnded?: boolean;
  readonly lines?: readonly string[];
  readonly lastLine?: string;
  readonly closeResponse?: { readonly status: number; readonly text: string };
  readonly secondsAbout?: number;
}
export interface SummaryStep extends StepBase {
  readonly kind: 'summary';
  readonly functions: readonly RecordedFunction[];
}
export interface RecordedFunction {
  readonly name: string;
  readonly type: string;
  readonly signatures: readonly {
    readonly arguments: readonly { readonly name: string; readonly type: string; readonly variadic: boolean }[];
    readonly returnType: string;
  }[];
}

export type Step =
  | HttpStep
  | WebsocketStep
  | ConsumeStep
  | TopicStep
  | NoteStep
  | SummaryStep
  | (StepBase & { readonly kind: 'kafka-produce'; readonly topic: string; readonly records: readonly RecordedRecord[] })
  | (StepBase & { readonly kind: 'kafka-delete-topic'; readonly topic: string })
  | (StepBase & { readonly kind: 'kafka-topics'; readonly topics: readonly string[] })
  | (StepBase & { readonly kind: 'wait'; readonly ms: number })
  | (StepBase & { readonly kind: 'server-restart' });

/** One folder of recordings: steps that follow each other on a server that was empty before the first. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

export async function loadScenarios(folder: string): Promise<readonly Scenario[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map(async (name) => ({ name, steps: await loadSteps(join(folder, name)) })));
}

async function loadSteps(folder: string): Promise<readonly Step[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Step));
}
