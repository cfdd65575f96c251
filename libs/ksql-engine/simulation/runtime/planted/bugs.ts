/** A way to break what the runtime promises: a change of its source, which only the program that looks for it ever runs. */
export interface PlantedBug {
  readonly name: string;
  /** Below src. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly put: string;
}

/** Each must show within so many seeds. */
export const SEEDS_MAX = 10_000;

const COMMIT: readonly PlantedBug[] = [
  {
    name: 'positions are behind what was fetched, not behind what was taken',
    file: 'runtime/time-ordered-input.ts',
    find: 'offset: next < records.length ? (records.offsets[next] as number) : fetchOffset',
    put: 'offset: fetchOffset',
  },
  {
    name: 'the changes of the stores are left out',
    file: 'runtime/query-commit.ts',
    find: 'this.#addChanges(tasks, nowMs, records);',
    put: '',
  },
  {
    name: 'the changes of the last task are left out',
    file: 'runtime/query-commit.ts',
    find: 'of tasks.all) {',
    put: 'of tasks.all.length === 1 ? tasks.all : tasks.all.slice(0, -1)) {',
  },
  {
    name: 'all tasks write to the first partition of a changelog',
    file: 'runtime/query-commit.ts',
    find: 'records.push({ topic, partition, key, value',
    put: 'records.push({ topic, partition: 0, key, value',
  },
  {
    name: 'there is no checkpoint, the group alone knows the offsets',
    file: 'runtime/query-commit.ts',
    find: 'records.push(checkpoints.record(applicationId, { offsets, notes, topicIds: this.#topicIds, madeBy }, nowMs));',
    put: 'void [notes, checkpoints, madeBy];',
  },
  {
    name: 'one that failed counts as done',
    file: 'runtime/query-commit.ts',
    find: 'this.#commitsAlone = COMMITS_ALONE;\n      throw error;',
    put: 'this.#commitsAlone = COMMITS_ALONE;\n      void error;',
  },
  {
    name: 'one that failed is tried again with the next writer, unseen',
    file: 'runtime/group-commit.ts',
    find: 'await this.close();\n      for (const { settle } of commits) settle.reject(error);',
    put: 'await this.close();\n      await sleep(timers, 50);\n      void error;\n      return this.#commitTogether(commits);',
  },
  {
    name: 'of those in one transaction the records of the first are written only',
    file: 'runtime/group-commit.ts',
    find: 'commits.flatMap(({ records }) => records),',
    put: 'commits.slice(0, 1).flatMap(({ records }) => records),',
  },
  {
    name: 'the last row of a key is enough for a stream, too',
    file: 'engine/local-query.ts',
    find: 'options.cacheBytes !== 0 && coalescesChanges(plan)',
    put: 'options.cacheBytes !== 0',
  },
  {
    name: 'windows of a key go to several partitions',
    file: 'runtime/query-commit.ts',
    find: 'return windowBytes === 0 ? results',
    put: 'return windowBytes >= 0 ? results',
  },
  {
    name: 'a query does not say where it began',
    file: 'runtime/persistent-query.ts',
    find: 'let dueMs = this.#hasCommitted ? Infinity : clock.nowMs();',
    put: 'let dueMs = Infinity;',
  },
];

const RESTORE: readonly PlantedBug[] = [
  {
    name: 'positions are read before it is decided what was committed',
    file: 'runtime/persistent-query.ts',
    find: 'await this.options.commits.settle();',
    put: '',
  },
  {
    name: 'a writer that has committed is taken for one that shows all of it',
    file: 'runtime/group-commit.ts',
    find: 'if (this.#hasWritten) await this.close();',
    put: '',
  },
  {
    name: 'the last change of a changelog is left out',
    file: 'runtime/restore.ts',
    find: 'if (record.offset >= tail.end) break;',
    put: 'if (record.offset >= tail.end - 2) break;',
  },
  {
    name: 'each task has the state of the next one',
    file: 'runtime/restore.ts',
    find: 'const task = tasks.length === 1 ? 0 : partition;',
    put: 'const task = tasks.length === 1 ? 0 : (partition + 1) % tasks.length;',
  },
  {
    name: 'what was deleted comes back',
    file: 'runtime/restore.ts',
    find: 'if (record.key === null) return;',
    put: 'if (record.key === null || record.value === null) return;',
  },
  {
    name: 'stream time begins anew',
    file: 'runtime/persistent-query.ts',
    find: "if (note !== '') topology.restoreSnapshot(note);",
    put: 'void [note, topology];',
  },
  {
    name: 'all tasks have the stream time of the first',
    file: 'runtime/persistent-query.ts',
    find: 'const note = notes[task] as string;',
    put: 'const note = (void task, notes[0]) as string;',
  },
  {
    name: 'the offsets of the group count for more than the checkpoint',
    file: 'runtime/start-positions.ts',
    find: 'if (isBehind) return ofGroupAlone;',
    put: 'if (isBehind || checkpoint.offsets.length > 0) return ofGroupAlone;',
  },
  {
    name: 'a query goes on one record behind its checkpoint',
    file: 'runtime/start-positions.ts',
    find: 'let offset = (isKnown ? known.offset :',
    put: 'let offset = (isKnown ? known.offset + 1 :',
  },
  {
    name: 'partitions that came later are read from their ends',
    file: 'runtime/start-positions.ts',
    find: 'const reset = readsAll ? first : bound.end;',
    put: 'const reset = readsAll && !isNewWhole ? first : bound.end;',
  },
  {
    name: 'records that were deleted unread are not told of',
    file: 'runtime/start-positions.ts',
    find: "this.errors.sayLost('records', message, topic, partition);",
    put: '',
  },
  {
    name: 'of a state on disk the changelog is read on one record too late',
    file: 'runtime/task-states.ts',
    find: 'return this.all[task]?.progress?.stores[store]?.offset;',
    put: 'const at = this.all[task]?.progress?.stores[store]?.offset;\n    return at === undefined ? undefined : at + 1;',
  },
];

const LEASE: readonly PlantedBug[] = [
  {
    name: 'a lease that cannot be confirmed counts as held',
    file: 'lease/tenure.ts',
    find: 'this.end(error as Error);',
    put: 'void error;',
  },
  {
    name: 'a standby claims although its leader is heard',
    file: 'lease/ownership.ts',
    find: 'if (this.#take(records)) silentMs = 0;',
    put: 'this.#take(records);',
  },
  {
    name: 'a leader says nothing to those who stand by',
    file: 'lease/ownership.ts',
    find: "this.#speak('beat');",
    put: '',
  },
];

const FOLD: readonly PlantedBug[] = [
  {
    name: 'a query that was told to go on is paused after a restart',
    file: 'command/fold.ts',
    find: "isPaused: effect.action === 'PAUSE'",
    put: 'isPaused: true',
  },
  {
    name: 'the last command of the log is not folded',
    file: 'command/commands.ts',
    find: 'const records = inPlace(read.map(',
    put: 'const records = inPlace((read.length > 1 ? read.slice(0, -1) : read).map(',
  },
  {
    name: 'a new owner knows what it knew as a standby',
    file: 'command/commands.ts',
    find: 'if (this.#planned.length === 0) commands = await this.follow();',
    put: 'if (this.#planned.length === 0) commands = [];',
  },
];

const SCANS: readonly PlantedBug[] = [
  {
    name: 'what waits is dropped when more comes',
    file: 'runtime/time-ordered-input.ts',
    find: 'queue.records = joined(queue.records, queue.next, records);',
    put: 'queue.records = records;',
  },
  {
    name: 'a fetch is kept as if it began one record earlier',
    file: 'runtime/scan/scan-lane.ts',
    find: 'this.options.onFetched(start, part);',
    put: 'this.options.onFetched(Math.max(0, start - 1), part);',
  },
  {
    name: 'what is kept is handed out from its first record',
    file: 'runtime/scan/topic-scan.ts',
    find: 'chunk.start === offset ? chunk.part : tailOf(chunk.part, offset)',
    put: '(void [offset, tailOf], chunk.part)',
  },
  {
    name: 'partitions that were added are not read while a query runs',
    file: 'runtime/persistent-query.ts',
    find: 'if (grown !== undefined) {',
    put: 'if (grown === null) {',
  },
];

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...of('commit', COMMIT),
  ...of('restore', RESTORE),
  ...of('lease', LEASE),
  ...of('fold', FOLD),
  ...of('scan', SCANS),
];

function of(part: string, bugs: readonly PlantedBug[]): readonly PlantedBug[] {
  return bugs.map((bug) => ({ ...bug, name: `${part}: ${bug.name}` }));
}
