/** What becomes of an object when the plan is carried out, or why nothing does. */
export const verdicts = [
  'no change',
  'new',
  'in place',
  'side by side',
  'blocked',
  'drifted',
  'missing',
  'unmanaged',
] as const;
export type Verdict = (typeof verdicts)[number];

/** Why, in one word of a closed list. */
export const reasons = {
  windowed: 'a windowed aggregate cannot go on under another statement',
  'joined-source': 'a join cannot go on under another statement',
  'table-aggregated': 'an aggregate over a table cannot go on under another statement',
  exploded: 'a table function cannot go on under another statement',
  'aggregation-changed': 'other aggregates, whose state does not exist',
  'filter-on-unselected-column': 'other columns feed the aggregate, whose state does not exist',
  'steps-changed': 'the query has other steps, whose state does not exist',
  'column-removed': 'a column goes',
  'column-retyped': 'a column gets another type',
  'column-not-last': 'columns come or move elsewhere than at the end',
  'source-changed': 'it reads something else',
  'source-anew': 'what it reads is made anew',
  'key-changed': 'it gets another key',
  'format-changed': 'its records are written otherwise',
  'topic-changed': 'it goes to another topic',
  'partitions-changed': 'its topic gets another number of partitions',
  'kind-changed': 'a stream becomes a table, or the other way round',
  'columns-added': 'columns come at the end',
  'filter-or-expression': 'a filter or an expression changes; keys, columns and state stay',
  'source-blocked': 'what it reads is blocked',
  'dependant-breaks': 'what reads it would not work any more',
  'engine-rejected': 'the engine refuses it',
  'changed-by-hand': 'what runs is neither the file nor what was deployed',
  'exists-otherwise': 'it exists with another definition, and was not deployed from here',
  'written-by-others': 'other queries write into it too',
  terminated: 'its query was terminated',
  dropped: 'it was deployed and is gone',
} as const;
export type Reason = keyof typeof reasons;

/** What carrying it out costs. */
export interface Cost {
  /** Records that are read again. */
  readonly records: number;
  /** Undefined while no rate was measured. */
  readonly seconds: number | undefined;
  /** Records that retention has cut and that cannot be read again. */
  readonly cut: number;
}

export interface PlanItem {
  readonly name: string;
  /** null for what no file declares. */
  readonly file: string | null;
  readonly kind: 'STREAM' | 'TABLE';
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  /** With values, in words. */
  readonly because: readonly string[];
  /** What reads it, directly or not, whether a file declares it or not. */
  readonly downstream: readonly string[];
  readonly cost: Cost | null;
  /** The statement that runs, as the engine spells it. */
  readonly runs: string | null;
  /** The statement of the file. */
  readonly wants: string | null;
}

export interface PipelinePlan {
  /** In dependency order, then what no file declares. */
  readonly items: readonly PlanItem[];
  /** Of the files and of all that the plan was made from: it may be carried out while both are the same. */
  readonly filesHash: string;
  readonly worldHash: string;
}
