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
 * @returns undefined when what runs, or what it reads, cannot be planned here
 * @throws KsqlError when the statement of the file is refused on what runs
 */
export function previewInputs(name: string, wants: string, world: World): PreviewInputs | undefined {
  const { made } = draftRunning({ ...world, topics: undefined });
  const runs = world.objects.get(name);
  const running = made.get(name);
  if (runs === undefined || running === undefined) return undefined;
  let catalog = DraftCatalog.empty();
  const sources: string[] = [];
  const topics: { readonly name: string; readonly isTable: boolean }[] = [];
  const declare = (source: DraftObject): void => {
    const object = world.objects.get(source.name);
    const sql = object?.hasQuery === false ? object.statement : declarationOf(source);
    catalog = catalog.with(sql).catalog;
    sources.push(sql);
    topics.push({ name: source.topic, isTable: source.kind === 'TABLE' });
  };
  for (const source of made.values())
    if (source.name !== name && reads(source.name, [runs.statement, wants])) declare(source);
  const planned = (sql: string): DraftObject => catalog.with(sql).made;
  try {
    const before = planned(runs.statement);
    return { before: runs.statement, after: wants, made: { before, after: planned(wants) }, sources, topics };
  } catch (error) {
    if (error instanceof KsqlError && running.sources.some((source) => !made.has(source))) return undefined;
    throw error;
  }
}

/** A name that stands in one of the texts is declared; one too many does no harm. */
const reads = (name: string, texts: readonly string[]): boolean =>
  texts.some((text) =>
    new RegExp(String.raw`(?<![\w$])${name.replace(/[^\w]/g, String.raw`\$&`)}(?![\w$])`, 'i').test(text),
  );
