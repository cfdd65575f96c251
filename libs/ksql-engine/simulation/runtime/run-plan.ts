import type { Fault, FaultKind, Operation } from '../../src/adapters/memory/fault-plan.js';
import { SeededRandom } from '../../src/testing/seeded-random.js';
import { QUERIES, type QueryName, type Topic } from './queries.js';

/** One thing that the run does, or does to its servers and topics. */
export type Step =
  | {
      readonly kind: 'write';
      readonly topic: Topic;
      readonly key: string;
      readonly backMs: number;
      readonly isGone: boolean;
    }
  /** Many records in one batch, so that they are committed beside the small ones. */
  | { readonly kind: 'burst'; readonly records: number }
  | { readonly kind: 'pass'; readonly ms: number }
  /** The leader, or any server where none leads. */
  | { readonly kind: 'kill' | 'stop' }
  | { readonly kind: 'freeze'; readonly ms: number }
  | { readonly kind: 'moveLeaders' }
  /** A statement that only the log and what it comes to tell of. */
  | { readonly kind: 'createType' }
  /** Of a query by its number. */
  | { readonly kind: 'pause' | 'resume'; readonly query: number }
  /** Of `e`. */
  | { readonly kind: 'addPartition' | 'truncate' }
  | { readonly kind: 'loseLease' };

/** All that is decided about a run before it begins. Plain data: a run that went wrong is kept as such, with less and less in it. */
export interface RunPlan {
  /** Of latencies, ties, and whatever the engine draws. */
  readonly seed: number;
  readonly queries: readonly QueryName[];
  readonly partitions: number;
  readonly servers: number;
  readonly isOnDisk: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly cluster: {
    readonly nodes: number;
    readonly markerMaxMs: number;
    readonly fetchBytesMax: number;
    readonly transactionTimeoutMs: number;
    readonly offsetsRetentionMs: number;
  };
  readonly steps: readonly Step[];
  /** Of each server process, in the order of their starts; those after have none. */
  readonly faults: readonly (readonly Fault[])[];
  /** Whether the servers stand still when the last one takes over, and go on beside it, or are killed. */
  readonly leavesZombies: boolean;
}

export const KEYS: readonly string[] = ['a', 'b', 'c', 'd', 'e'];
/** So far records are out of order in their partition at most. */
export const DISORDER_MS = 3_000;

const OPERATIONS: readonly Operation[] = [
  'metadata',
  'bounds',
  'committedOffsets',
  'fetch',
  'write',
  'openWriter',
  'produce',
  'commitOffsets',
  'endTransaction',
];
const HICCUPS: readonly FaultKind[] = ['requestLost', 'answerLost', 'late', 'slow', 'leaderMoves'];
const ENDS: readonly FaultKind[] = ['stopsBefore', 'stopsAfter'];
const FAULTY_SERVERS = 8;
const DAY_MS = 86_400_000;

type Disturbance = Exclude<Step['kind'], 'write' | 'pass' | 'burst' | 'pause' | 'resume'> | 'pauseOrResume';
const DISTURBANCES: readonly Disturbance[] = [
  'kill',
  'stop',
  'freeze',
  'moveLeaders',
  'createType',
  'pauseOrResume',
  'addPartition',
  'truncate',
  'loseLease',
];

/** A seed's run. Each arms some of what may go wrong only, so that one thing is not always hidden behind another. */
export function drawPlan(seed: number): RunPlan {
  const random = new SeededRandom(seed);
  const chance = (of: number): boolean => random.next() < of;
  const queries = drawQueries(random);
  const topics = [...new Set(queries.flatMap((name) => QUERIES[name].reads))];
  const armed = DISTURBANCES.filter(() => chance(0.4)).filter(
    (kind) => topics.includes('e') || (kind !== 'addPartition' && kind !== 'truncate'),
  );
  const servers = random.pick([1, 1, 2, 3]);
  const records = 20 + random.below(40);
  const steps: Step[] = [];
  for (let n = 0; n < records; n++) {
    const topic = random.pick(topics);
    const isTable = topic === 't' || topic === 'u';
    steps.push({
      kind: 'write',
      topic,
      key: random.pick(KEYS),
      backMs: random.below(DISORDER_MS),
      isGone: isTable && chance(0.1),
    });
    if (chance(0.7)) steps.push({ kind: 'pass', ms: Math.floor(random.next() * random.pick([20, 400, 1_500])) });
    if (armed.length > 0 && chance(0.08)) steps.push(disturbance(random.pick(armed), random, queries.length));
  }
  if (chance(0.1) && topics.includes('s'))
    steps.splice(random.below(steps.length), 0, { kind: 'burst', records: 1_100 });
  const areFaulty = chance(0.8);
  return {
    seed,
    queries,
    partitions: random.pick([1, 2, 3, 4]),
    servers,
    isOnDisk: chance(0.15),
    config: {
      'ksql.streams.cache.max.bytes.buffering': random.pick(['0', '1000', '10000000']),
    },
    cluster: {
      nodes: random.pick([1, 3]),
      markerMaxMs: random.pick([5, 300, 1_500]),
      fetchBytesMax: random.pick([100, 1_000, 1_000_000]),
      transactionTimeoutMs: random.pick([5_000, 30_000]),
      offsetsRetentionMs: random.pick([1_000, 7 * DAY_MS]),
    },
    steps,
    faults: areFaulty ? Array.from({ length: FAULTY_SERVERS }, () => drawFaults(random)) : [],
    leavesZombies: chance(0.5),
  };
}

/** Few, so that a run is short; one that reads another's result comes with it. */
function drawQueries(random: SeededRandom): readonly QueryName[] {
  const names = Object.keys(QUERIES) as QueryName[];
  const drawn = new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(names)));
  for (const name of [...drawn]) for (const needed of QUERIES[name].needs ?? []) drawn.add(needed);
  // A source is made before what reads it.
  return names.filter((name) => drawn.has(name));
}

function drawFaults(random: SeededRandom): readonly Fault[] {
  const faults: Fault[] = Array.from({ length: random.below(3) }, () => {
    return { kind: random.pick(HICCUPS), on: random.pick(OPERATIONS), when: { nth: 1 + random.below(25) } };
  });
  // A process ends at any of its requests, or at one of those that matter most.
  if (random.next() < 0.5)
    faults.push(
      random.next() < 0.5
        ? { kind: random.pick(ENDS), on: 'any', when: { nth: 1 + random.below(250) } }
        : { kind: random.pick(ENDS), on: random.pick(OPERATIONS), when: { nth: 1 + random.below(25) } },
    );
  return faults;
}

function disturbance(kind: Disturbance, random: SeededRandom, queries: number): Step {
  if (kind === 'freeze') return { kind, ms: random.pick([1_000, 4_000, 12_000, 60_000]) };
  if (kind === 'pauseOrResume') return { kind: random.pick(['pause', 'resume']), query: random.below(queries) };
  return { kind };
}
