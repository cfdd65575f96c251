import type { CatalogChange } from '../catalog/catalog-change.js';
import type { QueryPlan } from '../plan/nodes.js';

/** What a user said and what follows from it: all that any server needs to be as the one that accepted it. */
export interface Command {
  /** ksqlDB's key of a command: `stream/NAME/create`. */
  readonly commandId: string;
  /** As typed. Empty in a record that says what an older one stands for. */
  readonly statement: string;
  /** Properties of the request; those of the query that it makes. */
  readonly properties: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly effect: Effect;
  /** What it was decided on, for people and for comparison; nothing is planned from it. */
  readonly facts: FactsUsed;
  /** The sequence number of an older record, which held no effect: this is its effect. */
  readonly restates?: number | undefined;
}

export type Effect =
  | {
      readonly kind: 'change';
      readonly canonicalText: string;
      /** What the statement answers. */
      readonly message: string;
      readonly catalog: CatalogChange;
      /** Ids of queries that end. */
      readonly ends: readonly string[];
      readonly query: NewQuery | undefined;
    }
  | {
      readonly kind: 'control';
      readonly action: 'TERMINATE' | 'PAUSE' | 'RESUME';
      readonly queryIds: readonly string[];
      readonly message: string;
    }
  /** TERMINATE CLUSTER: nothing is left. */
  | { readonly kind: 'end'; readonly message: string };

export interface NewQuery {
  readonly queryId: string;
  /** The name of its group, its internal topics and its checkpoint, for as long as it lives. */
  readonly applicationId: string;
  readonly kind: 'CREATE_AS' | 'INSERT' | 'CREATE_SOURCE';
  /** The stream or table that it writes into; undefined for CREATE SOURCE TABLE. */
  readonly sinkName: string | undefined;
  /** It goes on with the state and the offsets of a query of the same id. */
  readonly replaces: boolean;
  readonly sourceNames: readonly string[];
  /** Those that decide its results, as they were when it was made; undefined in a record that does not tell: they are those of today. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** The plan, or why this server cannot read it. */
  readonly plan: QueryPlan | UnreadablePlan;
}
export interface UnreadablePlan {
  readonly unreadable: string;
}

/** Topics that were looked at, and settings that had a value, by name. */
export interface FactsUsed {
  readonly topics: readonly TopicFacts[];
  readonly settings: Readonly<Record<string, string>>;
}
export interface TopicFacts {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
}

/** A record of the command topic as this server understands it. */
export type CommandRecord = { readonly sequenceNumber: number } & (
  | ({ readonly kind: 'command' } & Command)
  /** Of a server that logged text only. */
  | ({ readonly kind: 'statement' } & Pick<Command, 'commandId' | 'statement' | 'properties' | 'variables'>)
  /** No command at all. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Of a server that knows more than this one. */
  | { readonly kind: 'later'; readonly reason: string }
);
