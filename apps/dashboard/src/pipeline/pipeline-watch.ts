import { resultTopics, type SystemHealth } from '@isobar/contracts';
import { CONFIG, Readiness, repeatUntilStop, Shutdown, tokenOf } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import type { DashboardConfig } from '../config.js';
import { queryStatesSchema, standstills, type QueryState } from './query-states.js';

const lookAgainMs = 2_000;
const answerWithinMs = 3_000;

const reason = z.string().nullable().describe('why its values get no younger; null: nothing is known to be wrong');

export const pipelineSchema = z.object({
  health: z.enum(['ready', 'degraded', 'not ready'] satisfies SystemHealth[]),
  because: z.array(z.string()).describe('what was seen, in words'),
  losses: z.array(z.string()).describe('records that somebody deleted within a day, until that is acknowledged'),
  feeds: z.object({ weather: reason, sensors: reason, air: reason, averages: reason, people: reason }),
});
export type Pipeline = z.output<typeof pipelineSchema>;
type Feed = keyof Pipeline['feeds'];

/** What each group of values is made of: the topic it is read from, and how to find what stands still on the way to it. */
const origins: readonly { readonly feed: Feed; readonly read: string; readonly made: string }[] = [
  { feed: 'weather', read: resultTopics.cityConditions, made: resultTopics.weatherLatest },
  { feed: 'sensors', read: resultTopics.cityConditions, made: resultTopics.citySensors },
  { feed: 'air', read: resultTopics.sensorHealth, made: resultTopics.sensorHealth },
  { feed: 'averages', read: resultTopics.cityAverages5m, made: resultTopics.cityAverages5m },
  { feed: 'people', read: resultTopics.userConditions, made: resultTopics.userConditions },
];

/** Whether that which feeds the page moves: our own readers of its topics, and the queries as stream-admin sees them. */
@Injectable()
export class PipelineWatch implements OnApplicationBootstrap {
  private shown: Pipeline = pipelineOf(new Map(), [], 'the service has only just begun to look');

  private losses: readonly string[] = [];
  private seenHealth: SystemHealth = 'degraded';

  constructor(
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: DashboardConfig,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    repeatUntilStop(this.shutdown, 'pipeline watch', lookAgainMs, (signal) => this.look(signal));
  }

  now(): Pipeline {
    return this.shown;
  }

  private async look(signal: AbortSignal): Promise<void> {
    const [readers, queries, losses] = await Promise.all([
      this.unreadTopics(),
      this.queryStates(signal),
      this.ask('/losses', lossesSchema, signal).catch(() => undefined),
    ]);
    if (losses !== undefined) this.losses = losses.items.filter(({ isNews }) => isNews).map(({ words }) => words);
    const seen = pipelineOf(readers, queries.states, queries.trouble, this.losses);
    // One slow answer is no trouble; two looks in a row are.
    if (seen.health === 'ready' || this.seenHealth !== 'ready') this.shown = seen;
    this.seenHealth = seen.health;
  }

  /** The readers of topics are parts of this service's readiness, named after their topics. */
  private async unreadTopics(): Promise<Map<string, string>> {
    const found = await Promise.all(
      this.readiness.watches.map(async (watch): Promise<[string, string][]> => {
        const { trouble } = await watch.finding();
        return trouble === undefined ? [] : [[watch.part.name, trouble]];
      }),
    );
    return new Map(found.flat());
  }

  private async queryStates(signal: AbortSignal): Promise<{ states: readonly QueryState[]; trouble?: string }> {
    const { STREAM_ADMIN_URL: url } = this.config;
    if (url === undefined) return { states: [] };
    try {
      return { states: await this.ask('/queries', queryStatesSchema, signal) };
    } catch (error) {
      if (error instanceof RefusedError) return { states: [], trouble: error.message };
      const why = error instanceof z.ZodError ? 'answers in another way than expected' : 'does not answer';
      return { states: [], trouble: `stream-admin ${why}` };
    }
  }

  /** @throws RefusedError, ZodError, or whatever a connection fails with */
  private async ask<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const token = tokenOf(this.config);
    const answer = await fetch(`${this.config.STREAM_ADMIN_URL}${path}`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    if (!answer.ok) throw new RefusedError(`stream-admin answers ${answer.status}`);
    return schema.parse(await answer.json());
  }
}

class RefusedError extends Error {}

/** What is needed of `GET /losses` at stream-admin. */
const lossesSchema = z.object({ items: z.array(z.object({ isNews: z.boolean(), words: z.string() })) });

/**
 * @param readers why we do not read a topic, by its name
 * @param trouble why the states of the queries are not known; values may be moving all the same
 */
export function pipelineOf(
  readers: ReadonlyMap<string, string>,
  states: readonly QueryState[],
  trouble: string | undefined,
  losses: readonly string[] = [],
): Pipeline {
  const because = new Set<string>();
  const feeds = { weather: null, sensors: null, air: null, averages: null, people: null } as Record<
    Feed,
    string | null
  >;
  for (const { feed, read, made } of origins) {
    const reader = readers.get(read);
    const reasons = [
      ...(reader === undefined ? [] : [`the topic ${read} is not read: ${reader}`]),
      ...standstills(states, made, [read]),
    ];
    for (const each of reasons) because.add(each);
    feeds[feed] = reasons[0] ?? null;
  }
  const isMoving = because.size === 0;
  if (trouble !== undefined) because.add(`${trouble}, so the state of the queries is not known`);
  const health = !isMoving ? 'not ready' : trouble === undefined ? 'ready' : 'degraded';
  return { health, because: [...because], losses: [...losses], feeds };
}
