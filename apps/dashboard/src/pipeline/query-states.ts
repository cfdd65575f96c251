import { z } from 'zod';

/** What the dashboard needs of `GET /queries` at stream-admin. */
export const queryStatesSchema = z.array(
  z.object({
    name: z.string(),
    topic: z.string(),
    sources: z.array(z.string()),
    state: z.string(),
    error: z.string().nullish(),
  }),
);
export type QueryState = z.output<typeof queryStatesSchema>[number];

const moving = new Set(['RUNNING', 'DECLARED']);
const words: Readonly<Record<string, string>> = {
  ABSENT: 'is not there',
  TERMINATED: 'was terminated',
  ERROR: 'failed',
  PAUSED: 'is paused',
};

/**
 * Why a topic gets no new rows: the queries that do not run on the way to it, the farthest upstream first, in words.
 *
 * @param topics a result topic, and others whose own query counts without what is upstream of it
 */
export function standstills(states: readonly QueryState[], topic: string, ownOnly: readonly string[] = []): string[] {
  const byName = new Map(states.map((each) => [each.name, each]));
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (query: QueryState | undefined, deep: boolean): void => {
    if (query === undefined || seen.has(query.name)) return;
    seen.add(query.name);
    if (deep) for (const source of query.sources) visit(byName.get(source), true);
    if (!moving.has(query.state)) found.push(inWords(query));
  };
  const writerOf = (name: string): QueryState | undefined => states.find((each) => each.topic === name);
  visit(writerOf(topic), true);
  for (const name of ownOnly) visit(writerOf(name), false);
  return found;
}

function inWords({ name, state, error }: QueryState): string {
  const what = `query ${name} ${words[state] ?? `is ${state}`}`;
  // The first line says it; a stack trace is no sentence.
  const why = error?.split('\n', 1)[0]?.slice(0, 200);
  return why ? `${what} (${why})` : what;
}
