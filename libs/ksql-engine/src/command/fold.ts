import { applyChange } from '../catalog/catalog-change.js';
import { EMPTY_CATALOG, type Catalog } from '../catalog/catalog.js';
import { PLAN_VERSION, type PlanSink, type QueryPlan } from '../plan/nodes.js';
import type { CommandRecord, Effect, NewQuery } from './command.js';

/** A persistent query that is to run, as the log has it. */
export interface LoggedQuery {
  readonly queryId: string;
  readonly applicationId: string;
  readonly kind: NewQuery['kind'];
  readonly sinkName: string | undefined;
  /** Of no use where there is a problem: only its sink and the names of its sources are true then. */
  readonly plan: QueryPlan;
  /** Why this server cannot run it. */
  readonly problem: string | undefined;
  readonly statementText: string;
  /** Properties of the request that made it. */
  readonly properties: Readonly<Record<string, string>>;
  /** See `NewQuery.settings`. */
  readonly settings: NewQuery['settings'];
  readonly isPaused: boolean;
  /** The command that made it: a query that takes another's place under its id has another one. */
  readonly sequenceNumber: number;
  /** The command that made the first of the queries which took each other's place: what is kept under its id is theirs together. */
  readonly firstSequenceNumber: number;
}

/** A record that has no effect here, and why. */
export interface CommandFailure {
  readonly sequenceNumber: number;
  /** Empty where the record is no command at all. */
  readonly statement: string;
  readonly reason: string;
}

/** What all records of the log up to one come to. Immutable. */
export interface CommandState {
  readonly catalog: Catalog;
  readonly queries: ReadonlyMap<string, LoggedQuery>;
  /** Of the last command; -1 before the first. */
  readonly lastSequenceNumber: number;
  readonly failures: readonly CommandFailure[];
  /** A later server has written on: what this one knows is not the state, and nothing may be run or answered from it. */
  readonly later: CommandFailure | undefined;
}

export const EMPTY_STATE: CommandState = {
  catalog: EMPTY_CATALOG,
  queries: new Map(),
  lastSequenceNumber: -1,
  failures: [],
  later: undefined,
};

/**
 * The state after one more record. Pure and total: no record makes it throw, one without an effect is an entry in the result, and a command
 * that was folded before changes nothing. After a record of a later server nothing has an effect any more.
 */
export function fold(state: CommandState, record: CommandRecord): CommandState {
  const { sequenceNumber } = record;
  if (state.later !== undefined || sequenceNumber <= state.lastSequenceNumber) return state;
  switch (record.kind) {
    case 'later':
      return { ...state, later: { sequenceNumber, statement: '', reason: record.reason } };
    case 'unreadable':
      return failed(state, { sequenceNumber, statement: '', reason: record.reason });
    case 'statement':
      return { ...failed(state, { ...record, reason: 'it holds no plan' }), lastSequenceNumber: sequenceNumber };
    case 'command': {
      const next: CommandState = { ...state, lastSequenceNumber: sequenceNumber };
      // What it says has had its effect in the place of the record that it restates.
      return record.restates === undefined ? take(next, record.effect, record) : next;
    }
  }
}

/** A logged statement that cannot be planned any more. */
export function foldFailure(state: CommandState, failure: CommandFailure): CommandState {
  return { ...failed(state, failure), lastSequenceNumber: failure.sequenceNumber };
}

const failed = (state: CommandState, { sequenceNumber, statement, reason }: CommandFailure): CommandState => ({
  ...state,
  failures: [...state.failures, { sequenceNumber, statement, reason }],
});

type Said = Pick<LoggedQuery, 'sequenceNumber' | 'properties'>;
type SaidSince = Said & Pick<LoggedQuery, 'firstSequenceNumber'>;

function take(state: CommandState, effect: Effect, said: Said): CommandState {
  switch (effect.kind) {
    case 'end':
      return { ...state, catalog: EMPTY_CATALOG, queries: new Map() };
    case 'control': {
      const queries = new Map(state.queries);
      for (const id of effect.queryIds) {
        const query = queries.get(id);
        if (query === undefined) continue;
        if (effect.action === 'TERMINATE') queries.delete(id);
        else queries.set(id, { ...query, isPaused: effect.action === 'PAUSE' });
      }
      return { ...state, queries };
    }
    case 'change': {
      const catalog = applyChange(state.catalog, effect.catalog);
      const queries = new Map(state.queries);
      for (const id of effect.ends) queries.delete(id);
      if (effect.query !== undefined) {
        const { queryId, replaces } = effect.query;
        const before = replaces ? state.queries.get(queryId) : undefined;
        const firstSequenceNumber = before?.firstSequenceNumber ?? said.sequenceNumber;
        queries.delete(queryId);
        queries.set(queryId, logged(effect.query, catalog, effect.canonicalText, { ...said, firstSequenceNumber }));
      }
      return { ...state, catalog, queries };
    }
  }
}

function logged(query: NewQuery, catalog: Catalog, statementText: string, said: SaidSince): LoggedQuery {
  const { queryId, applicationId, kind, sinkName, settings, plan } = query;
  const { sequenceNumber, firstSequenceNumber, properties } = said;
  const common = {
    queryId,
    applicationId,
    kind,
    sinkName,
    settings,
    statementText,
    properties,
    isPaused: false,
    sequenceNumber,
    firstSequenceNumber,
  };
  return 'unreadable' in plan
    ? { ...common, plan: placeholder(query, catalog), problem: `its plan cannot be read: ${plan.unreadable}` }
    : { ...common, plan, problem: undefined };
}

/** Stands for a plan that cannot be read, so that its query is shown and protects what it reads and writes. It is never run. */
function placeholder({ queryId, sinkName, sourceNames }: NewQuery, catalog: Catalog): QueryPlan {
  const sinkSource = sinkName === undefined ? undefined : catalog.sources.get(sinkName);
  const source = catalog.sources.get(sourceNames[0] ?? '') ?? sinkSource;
  const schema = sinkSource?.schema ?? { key: [], value: [] };
  const nothing = { format: 'NONE', properties: {} } as const;
  const sink: PlanSink = sinkSource
    ? { kind: 'topic', sourceName: sinkSource.name, topic: sinkSource.topic, schema, timestamp: sinkSource.timestamp }
    : { kind: 'materialized' };
  return {
    version: PLAN_VERSION,
    queryId,
    root: {
      kind: 'streamSource',
      id: 'Unreadable',
      schema,
      sourceName: source?.name ?? '',
      alias: source?.name ?? '',
      topic: source?.topic ?? { topic: '', keyFormat: nothing, valueFormat: nothing },
      timestamp: undefined,
    },
    resultKind: sinkSource?.kind ?? 'TABLE',
    resultWindow: undefined,
    sink,
    sourceNames,
  };
}
