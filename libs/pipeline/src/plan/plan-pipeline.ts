import { DraftCatalog, KsqlError, type DraftObject } from '@isobar/ksql-engine';
import { createHash } from 'node:crypto';
import { propertyIn, type PipelineObject } from '../files/pipeline-object.js';
import { tokenize } from '../files/tokenize.js';
import { placeOf, withoutPlace } from '../lint/lint.js';
import { costOf } from './cost.js';
import { differences, reasonOf } from './judge-change.js';
import type { PipelinePlan, PlanItem, Reason, Verdict } from './plan.js';
import type { RunningObject, World } from './world.js';

export interface PlanOptions {
  /** Records that a query takes per second while it catches up, as it was measured. */
  readonly recordsPerSecond?: number | undefined;
}

/**
 * Compares files with what runs. Pure: the same files and the same world give the same plan, and nothing is changed.
 *
 * Three catalogs are drafted by the engine's own planner. `running` is what runs, of the statements as the engine spells them. `upgraded` is
 * that with each change put in as CREATE OR REPLACE, as long as the engine permits it. `wanted` is what the files alone would make; it asks
 * for no topic, since those of results are there already. Two
 * definitions are the same when the planner makes the same of both: then `SELECT *` and the list that the engine made of it are equal.
 *
 * @param objects the files, in dependency order
 */
export function planPipeline(
  objects: readonly PipelineObject[],
  world: World,
  options: PlanOptions = {},
): PipelinePlan {
  const planning = new Planning(objects, world, options);
  return {
    items: planning.items(),
    filesHash: hashOf(objects.map(({ name, textHash }) => [name, textHash])),
    worldHash: worldHash(world),
  };
}

/** Changes with everything that decides what carrying out a plan would do; not with records that come. */
export function worldHash({ objects, topics, journal }: World): string {
  return hashOf([
    [...objects.values()]
      .map(({ name, kind, topic, statement, hasQuery, otherWriters }) => [
        name,
        kind,
        topic,
        statement,
        hasQuery,
        [...otherWriters].sort(),
      ])
      .sort(byFirst),
    [...(topics ?? [])].map(([name, { partitions, replicas }]) => [name, partitions, replicas]).sort(byFirst),
    [...(journal ?? [])].map(([name, { textHash }]) => [name, textHash]).sort(byFirst),
  ]);
}

const byFirst = ([a]: readonly unknown[], [b]: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1);
const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

interface Judged {
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly because: readonly string[];
}

class Planning {
  private readonly running: ReadonlyMap<string, DraftObject>;
  private upgraded: DraftCatalog;
  private wanted: DraftCatalog;
  /** What the files make. */
  private readonly made = new Map<string, DraftObject>();
  private readonly judged = new Map<string, Judged>();

  constructor(
    private readonly objects: readonly PipelineObject[],
    private readonly world: World,
    private readonly options: PlanOptions,
  ) {
    const drafted = draftRunning(world);
    this.running = drafted.made;
    this.upgraded = drafted.catalog;
    this.wanted = DraftCatalog.empty();
  }

  items(): PlanItem[] {
    for (const object of this.objects) this.judged.set(object.name, this.judge(object));
    this.blameBreakers();
    return [...this.objects.map((object) => this.item(object)), ...this.unmanaged()];
  }

  private judge(object: PipelineObject): Judged {
    const runs = this.world.objects.get(object.name);
    const blocked = object.sources.find((source) => this.judged.get(source)?.verdict === 'blocked');
    if (blocked !== undefined)
      return { verdict: 'blocked', reason: 'source-blocked', because: [`${blocked}, which it reads, is blocked`] };
    const sources = this.wanted;
    let wanted: DraftObject;
    try {
      const drafted = this.wanted.with(object.sql);
      this.wanted = drafted.catalog;
      wanted = drafted.made;
      this.made.set(object.name, wanted);
    } catch (error) {
      return this.refused(object, error);
    }
    if (runs === undefined) return this.absent(object);
    if (object.isQuery && !runs.hasQuery) return missing('terminated', 'no query fills it');
    if (runs.otherWriters.length > 0)
      return {
        verdict: 'drifted',
        reason: 'written-by-others',
        because: [`${runs.otherWriters.join(', ')} write into it`],
      };
    const before = this.running.get(object.name);
    if (before === undefined)
      return { verdict: 'side by side', reason: 'engine-rejected', because: ['what runs cannot be planned here'] };
    const writer = object.isQuery
      ? undefined
      : this.objects.find((each) => each.isQuery && each.topic === object.topic);
    const above = writer === undefined ? object.sources : [...object.sources, writer.name];
    const restaged = above.find((source) => this.judged.get(source)?.verdict === 'side by side');
    const partitions = this.otherPartitions(object, runs);
    // Both spellings are planned on the same sources: a column that comes upstream is nothing to who lists his own.
    const isSame =
      partitions === undefined && attempt(() => sources.with(runs.statement).made.definition) === wanted.definition;
    if (!isSame) {
      const drift = this.driftOf(object, runs, before, wanted);
      if (drift) return drift;
    }
    if (restaged !== undefined && isSame)
      return {
        verdict: 'side by side',
        reason: 'source-anew',
        because: [`${restaged} is made anew beside what runs`],
      };
    if (isSame) return this.withOtherTimes(object) ?? noChange;
    const own = this.change(object, before, wanted);
    // It would go on, and what it reads would not.
    return restaged !== undefined && own.verdict === 'in place' ? { ...own, verdict: 'side by side' } : own;
  }

  /** A query that runs goes on with the event time that its sources had when it began. */
  private withOtherTimes({ name, sources }: PipelineObject): Judged | undefined {
    const source = sources.find(
      (each) =>
        this.judged.get(each)?.verdict === 'in place' &&
        this.running.get(each)?.eventTime !== this.made.get(each)?.eventTime,
    );
    return source === undefined
      ? undefined
      : {
          verdict: 'side by side',
          reason: 'source-changed',
          because: [`${source} gets another event time, and ${name} would go on with the old one`],
        };
  }

  private absent(object: PipelineObject): Judged {
    const isOnWhatRuns = object.sources.every((source) => this.judged.get(source)?.verdict !== 'side by side');
    try {
      if (isOnWhatRuns) this.upgraded = this.upgraded.with(object.sql).catalog;
    } catch (error) {
      return this.refused(object, error);
    }
    return this.world.journal?.has(object.name) === true
      ? missing('dropped', 'the engine does not have it')
      : { verdict: 'new', reason: null, because: [] };
  }

  private otherPartitions(object: PipelineObject, runs: RunningObject): number | undefined {
    const wanted = partitionsIn(object);
    const present = this.world.topics?.get(runs.topic)?.partitions;
    return wanted === undefined || present === undefined || wanted === present ? undefined : wanted;
  }

  /** Somebody else than a deployment made it what it is. */
  private driftOf(
    object: PipelineObject,
    runs: RunningObject,
    before: DraftObject,
    wanted: DraftObject,
  ): Judged | undefined {
    const { journal } = this.world;
    if (journal === undefined) return undefined;
    const deployed = journal.get(object.name);
    const because = [
      ...differences(before, wanted),
      'repair makes it what the file says; adopt makes the file what runs',
    ];
    if (deployed === undefined) return { verdict: 'drifted', reason: 'exists-otherwise', because };
    if (deployed.runs === undefined || this.isSpelled(runs, deployed.runs)) return undefined;
    return { verdict: 'drifted', reason: 'changed-by-hand', because };
  }

  private isSpelled(runs: RunningObject, statement: string): boolean {
    return runs.statement === statement || canonical(runs.statement) === canonical(statement);
  }

  private change(object: PipelineObject, before: DraftObject, wanted: DraftObject): Judged {
    const because = differences(before, wanted);
    try {
      this.upgraded = this.upgraded.with(object.sql, { asReplacement: true }).catalog;
    } catch (error) {
      if (!(error instanceof KsqlError)) throw error;
      const reason = reasonOf(before, wanted, error.message);
      return {
        verdict: 'side by side',
        reason,
        because: reason === 'engine-rejected' ? [...because, withoutPlace(error.message)] : because,
      };
    }
    const isLonger = wanted.columns.length > before.columns.length;
    return { verdict: 'in place', reason: isLonger ? 'columns-added' : 'filter-or-expression', because };
  }

  private refused(object: PipelineObject, error: unknown): Judged {
    if (!(error instanceof KsqlError)) throw error;
    const { line, column } = placeOf(error) ?? object.place;
    return {
      verdict: 'blocked',
      reason: 'engine-rejected',
      because: [`${object.file}:${line}:${column}: ${withoutPlace(error.message)}`],
    };
  }

  /** What was right on what runs and is refused on what is wanted was broken by a change further up: that one is to blame. */
  private blameBreakers(): void {
    for (const object of this.objects) {
      const own = this.judged.get(object.name);
      if (own?.reason !== 'engine-rejected' || own.verdict !== 'blocked' || !this.isRightOnWhatRuns(object)) continue;
      for (const source of object.sources) {
        const above = this.judged.get(source);
        if (above === undefined || !['in place', 'side by side'].includes(above.verdict)) continue;
        const because = [...above.because, ...own.because];
        this.judged.set(source, { verdict: 'blocked', reason: 'dependant-breaks', because });
      }
    }
  }

  private isRightOnWhatRuns(object: PipelineObject): boolean {
    let catalog = DraftCatalog.empty();
    for (const { name } of this.objects) {
      const statement = this.world.objects.get(name)?.statement;
      if (name === object.name || statement === undefined) continue;
      catalog = attempt(() => catalog.with(statement).catalog) ?? catalog;
    }
    return attempt(() => catalog.with(object.sql)) !== undefined;
  }

  private item(object: PipelineObject): PlanItem {
    const { name, file, kind, sql } = object;
    const judged = this.judged.get(name) ?? noChange;
    const runs = this.world.objects.get(name);
    return {
      name,
      file,
      kind,
      ...judged,
      downstream: this.downstreamOf(name),
      cost:
        ['new', 'missing', 'side by side'].includes(judged.verdict) && object.isQuery
          ? costOf(object, this.objects, this.world, this.options)
          : null,
      runs: runs?.statement ?? null,
      wants: sql,
    };
  }

  private downstreamOf(name: string): string[] {
    const found = new Set([name]);
    const readers = [
      ...this.objects.map((object) => ({
        name: object.name,
        sources: object.sources,
        topic: object.isQuery ? undefined : object.topic,
      })),
      ...[...this.running.values()].map((object) => ({
        name: object.name,
        sources: object.sources,
        topic: object.sources.length === 0 ? object.topic : undefined,
      })),
    ];
    const topicOf = (each: string): string | undefined =>
      this.objects.find((object) => object.name === each && object.isQuery)?.topic;
    for (let size = 0; size < found.size;) {
      size = found.size;
      const topics = new Set([...found].map(topicOf));
      for (const reader of readers)
        if (
          reader.sources.some((source) => found.has(source)) ||
          (reader.topic !== undefined && topics.has(reader.topic))
        )
          found.add(reader.name);
    }
    found.delete(name);
    return [...found];
  }

  private unmanaged(): PlanItem[] {
    const declared = new Set(this.objects.map(({ name }) => name));
    return [...this.world.objects.values()]
      .filter(({ name }) => !declared.has(name))
      .map(({ name, kind, statement }) => ({
        name,
        file: null,
        kind,
        verdict: 'unmanaged' as const,
        reason: null,
        because: ['no file declares it'],
        downstream: this.downstreamOf(name),
        cost: null,
        runs: statement,
        wants: null,
      }));
  }
}

const noChange: Judged = { verdict: 'no change', reason: null, because: [] };
const missing = (reason: Reason, because: string): Judged => ({ verdict: 'missing', reason, because: [because] });

/** What runs, in an order in which each can be planned; what cannot is left out. */
export function draftRunning({ objects, topics }: World) {
  let catalog = DraftCatalog.empty(topics);
  const made = new Map<string, DraftObject>();
  let left = [...objects.values()];
  for (;;) {
    const failed: RunningObject[] = [];
    for (const object of left) {
      const drafted = attempt(() => catalog.with(object.statement));
      if (drafted === undefined) failed.push(object);
      else {
        catalog = drafted.catalog;
        made.set(object.name, drafted.made);
      }
    }
    if (failed.length === 0 || failed.length === left.length) return { catalog, made };
    left = failed;
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof KsqlError) return undefined;
    throw error;
  }
}

/** The number that a file asks for. */
function partitionsIn({ file, sql }: PipelineObject): number | undefined {
  const value = propertyIn(tokenize(file, sql), 'PARTITIONS');
  return value && Number(value.text);
}

const canonical = (statement: string): string =>
  JSON.stringify(
    tokenize('', statement)
      .filter(({ text }) => text !== ';')
      .map(({ kind, text }) => (kind === 'word' ? ['name', text.toUpperCase()] : [kind, text])),
  );
