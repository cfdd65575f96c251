import { DraftCatalog, KsqlError, type DraftObject } from '@isobar/ksql-engine';
import { draftRunning } from '../plan/plan-pipeline.js';
import type { World } from '../plan/world.js';
import { declarationOf, type PreviewOptions } from './preview-change.js';

/** All that a preview needs but the records. */
export interface PreviewInputs extends Pick<PreviewOptions, 'before' | 'after' | 'made' | 'sources'> {
  /** The topics to read; of a table all that is in it, whatever its time. */
  readonly topics: readonly { readonly name: string; readonly isTable: boolean }[];
}

/**
 * Prepares to run the statement of a file beside the one that runs. What both read is taken from its topic, results too, so that only the two
 * statements are computed.
 *
 * @returns why not, in words, when what runs, or what it reads, cannot be planned or read here, or the file is refused on what runs
 */
export function previewInputs(name: string, wants: string, world: World): PreviewInputs | string {
  const { made } = draftRunning({ ...world, topics: undefined });
  const runs = world.objects.get(name);
  const running = made.get(name);
  if (runs === undefined || running === undefined) return 'what runs cannot be planned here';
  let catalog = DraftCatalog.empty();
  const sources: string[] = [];
  const topics: { readonly name: string; readonly isTable: boolean }[] = [];
  const declare = (source: DraftObject): boolean => {
    const object = world.objects.get(source.name);
    const sql = object?.hasQuery === false ? object.statement : declarationOf(source);
    const drafted = catalog.with(sql);
    if (!isReadTheSame(source, drafted.made)) return false;
    catalog = drafted.catalog;
    sources.push(sql);
    topics.push({ name: source.topic, isTable: source.kind === 'TABLE' });
    return true;
  };
  for (const source of made.values())
    if (source.name !== name && reads(source.name, [runs.statement, wants]) && !declare(source))
      return `the records of ${source.name} cannot be read here`;
  const planned = (sql: string): DraftObject => catalog.with(sql).made;
  try {
    const before = planned(runs.statement);
    return { before: runs.statement, after: wants, made: { before, after: planned(wants) }, sources, topics };
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    if (running.sources.some((source) => !made.has(source))) return 'what it reads cannot be planned here';
    // It may need what the same files only change.
    return `the file is not right on what runs now: ${error.message}`;
  }
}

/** A name that stands in one of the texts is declared; one too many does no harm. */
const reads = (name: string, texts: readonly string[]): boolean =>
  texts.some((text) =>
    new RegExp(String.raw`(?<![\w$])${name.replace(/[^\w]/g, String.raw`\$&`)}(?![\w$])`, 'i').test(text),
  );

/** The engine here has a schema registry of its own, in which the ids of other records mean nothing. */
const isRegistered = /^(AVRO|JSON_SR|PROTOBUF)\b/;

/** Whether records of a result are read as its readers read them: a format has properties that a declaration may not be able to say. */
function isReadTheSame(source: DraftObject, declared: DraftObject): boolean {
  const { keyFormat, valueFormat } = source;
  if (isRegistered.test(keyFormat) || isRegistered.test(valueFormat)) return false;
  return (['keyFormat', 'valueFormat', 'window', 'topic'] as const).every((each) => source[each] === declared[each]);
}
