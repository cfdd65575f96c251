import { Injectable } from '@nestjs/common';
import { KsqlClient, KsqlServerError, type QueryDescription, type RunningQuery } from '@isobar/ksql-client';
import type { QueryError } from './health/judge-query.js';

/** A query as the engine describes it. */
export interface EngineQuery {
  readonly id: string;
  /** RUNNING, PAUSED, ERROR, …: the worst over all servers. */
  readonly state: string;
  /** Why it is in that state, where the engine tells. */
  readonly stateReason: string | undefined;
  /** The statement in the engine's own spelling. */
  readonly statement: string;
  /** False for one that is listed and that the engine cannot describe. */
  readonly isExplained: boolean;
  /** Names of the streams and tables it reads. */
  readonly sources: readonly string[];
  /** Where its offsets are committed; undefined when the engine does not tell. */
  readonly groupId: string | undefined;
  /** Newest first. */
  readonly errors: readonly QueryError[];
}

/** A stream or table that the engine holds, with the query that fills it. */
export interface EngineObject {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly topic: string;
  readonly query: EngineQuery | undefined;
  /** Ids of further queries that write into it, by INSERT INTO. */
  readonly otherWriters: readonly string[];
  /** The statement that made it, in the engine's own spelling. */
  readonly statement: string;
}

/** An answer this young is served again, so that a page full of callers costs the engine one look. */
const freshMs = 2_000;
const lookTimeoutMs = 4_000;

/** What the engine says is there, by name. */
@Injectable()
export class EngineView {
  private last: { readonly at: number; readonly objects: Promise<ReadonlyMap<string, EngineObject>> } | undefined;

  constructor(private readonly ksql: KsqlClient) {}

  /** @throws KsqlError when the engine does not answer */
  async objects(): Promise<ReadonlyMap<string, EngineObject>> {
    if (this.last === undefined || Date.now() - this.last.at > freshMs) {
      const look = { at: Date.now(), objects: this.look() };
      this.last = look;
      look.objects.catch(() => {
        if (this.last === look) this.last = undefined;
      });
    }
    return this.last.objects;
  }

  /** Forgets the last answer, after a change. */
  forget(): void {
    this.last = undefined;
  }

  private async look(): Promise<ReadonlyMap<string, EngineObject>> {
    const options = { timeoutMs: lookTimeoutMs };
    const [streams, tables, listed, described] = await Promise.all([
      this.ksql.listStreams(options),
      this.ksql.listTables(options),
      this.ksql.listQueries(options),
      this.ksql.describeQueries(options),
    ]);
    const descriptions = new Map(described.map((description) => [description.id, description]));
    const writers = Map.groupBy(
      listed.flatMap((query) => query.sinks.map((sink) => ({ sink, query }))),
      ({ sink }) => sink,
    );
    const objects = [...streams, ...tables].map(async ({ name, type, topic }): Promise<[string, EngineObject]> => {
      const all = (writers.get(name) ?? []).map(({ query }) => query);
      const maker = all.find(({ id }) => !isInsert(id));
      const query = maker && toQuery(maker, descriptions.get(maker.id));
      const otherWriters = all.filter(({ id }) => isInsert(id)).map(({ id }) => id);
      const statement = query?.statement ?? (await this.statementOf(name));
      return [name, { name, kind: type, topic, query, otherWriters, statement }];
    });
    return new Map(await Promise.all(objects));
  }

  /** A source that goes between the list and this question has none; one that is not told of may be as it was. */
  private async statementOf(name: string): Promise<string> {
    try {
      return (await this.ksql.describe(name, { timeoutMs: lookTimeoutMs })).statement ?? '';
    } catch (error) {
      if (error instanceof KsqlServerError && !error.retriable && error.status < 500) return '';
      throw error;
    }
  }
}

const isInsert = (queryId: string): boolean => queryId.startsWith('INSERTQUERY');

function toQuery(query: RunningQuery, description: QueryDescription | undefined): EngineQuery {
  const reason = description?.['statusReason'];
  return {
    id: query.id,
    state: queryState(query),
    stateReason: typeof reason === 'string' && reason !== '' ? reason : undefined,
    statement: query.queryString,
    isExplained: description !== undefined,
    sources: description?.sources ?? [],
    groupId: description?.consumerGroupId ?? undefined,
    errors: (description?.queryErrors ?? [])
      .map(({ timestamp, type, errorMessage, loss }) => ({ atMs: timestamp, type, message: errorMessage, loss }))
      .sort((a, b) => b.atMs - a.atMs),
  };
}

/** A paused query still says RUNNING in `state`; the counts per server tell the truth. */
function queryState({ state, statusCount }: RunningQuery): string {
  const worst = ['ERROR', 'UNRESPONSIVE', 'PAUSED'].find((status) => (statusCount[status] ?? 0) > 0);
  return worst ?? state ?? 'UNKNOWN';
}
