import { Injectable } from '@nestjs/common';
import { KsqlClient, type RunningQuery } from '@isobar/ksql-client';

/** A stream or table that the engine holds, with the query that fills it. */
export interface EngineObject {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly topic: string;
  readonly query: { readonly id: string; readonly state: string } | undefined;
}

/** An answer this young is served again, so that a page full of callers costs the engine one look. */
const freshMs = 500;
const lookTimeoutMs = 1_500;

/** What the engine says is there, by name. */
@Injectable()
export class EngineView {
  private last: { readonly at: number; readonly objects: Promise<ReadonlyMap<string, EngineObject>> } | undefined;

  constructor(private readonly ksql: KsqlClient) {}

  /** @throws KsqlError when the engine does not answer */
  async objects(): Promise<ReadonlyMap<string, EngineObject>> {
    if (this.last === undefined || Date.now() - this.last.at > freshMs) {
      this.last = { at: Date.now(), objects: this.look() };
    }
    return this.last.objects;
  }

  /** Forgets the last answer, after a change. */
  forget(): void {
    this.last = undefined;
  }

  /** Error messages of queries that are not well, by query id; empty when the engine cannot tell. */
  async queryErrors(): Promise<ReadonlyMap<string, string>> {
    const queries = await this.ksql.describeQueries({ timeoutMs: lookTimeoutMs }).catch(() => []);
    return new Map(
      queries.flatMap(({ id, queryErrors }) => {
        const newest = queryErrors.toSorted((a, b) => b.timestamp - a.timestamp)[0];
        return newest ? [[id, `${newest.type}: ${newest.errorMessage}`]] : [];
      }),
    );
  }

  private async look(): Promise<ReadonlyMap<string, EngineObject>> {
    const options = { timeoutMs: lookTimeoutMs };
    const [streams, tables, queries] = await Promise.all([
      this.ksql.listStreams(options),
      this.ksql.listTables(options),
      this.ksql.listQueries(options),
    ]);
    const bySink = new Map(queries.flatMap((query) => query.sinks.map((sink) => [sink, query] as const)));
    return new Map(
      [...streams, ...tables].map(({ name, type, topic }) => {
        const query = bySink.get(name);
        return [name, { name, kind: type, topic, query: query && { id: query.id, state: queryState(query) } }];
      }),
    );
  }
}

/** A paused query still says RUNNING in `state`; the counts per server tell the truth. */
function queryState({ state, statusCount }: RunningQuery): string {
  const worst = ['ERROR', 'UNRESPONSIVE', 'PAUSED'].find((status) => (statusCount[status] ?? 0) > 0);
  return worst ?? state ?? 'UNKNOWN';
}
