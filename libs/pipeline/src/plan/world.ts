/** A topic of the cluster. */
export interface RunningTopic {
  readonly partitions: number;
  readonly replicas: number;
  readonly retentionMs?: number | undefined;
  /** Offsets between the first record that is kept and the next, over all partitions. */
  readonly records: number;
  /** Offsets that retention or compaction has cut from the beginning. */
  readonly cut: number;
}

/** A stream or table as the engine holds it. */
export interface RunningObject {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly topic: string;
  /** In the engine's own spelling. */
  readonly statement: string;
  /** Whether a query fills it. */
  readonly hasQuery: boolean;
  /** Ids of further queries that write into it. */
  readonly otherWriters: readonly string[];
}

/** What was deployed under a name. */
export interface DeployedObject {
  readonly textHash: string;
  /** How the engine spelled it then; undefined when nobody asked. */
  readonly runs?: string | undefined;
}

/** All that a plan is made from, beside the files. */
export interface World {
  readonly objects: ReadonlyMap<string, RunningObject>;
  /** Undefined where nobody looked: then every topic is taken to be there, and nothing has a cost. */
  readonly topics: ReadonlyMap<string, RunningTopic> | undefined;
  /** Undefined where nobody keeps a journal: then no change is taken for drift. */
  readonly journal: ReadonlyMap<string, DeployedObject> | undefined;
}
