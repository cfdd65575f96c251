import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { tellNews } from '../keeping/news.js';
import type { NoticeEvent } from '../notices/notice.js';
import {
  leaveCity,
  newOfficialState,
  takeWarning,
  type OfficialState,
  type WarningRow,
} from '../notices/official-warnings.js';
import { tell } from '../telling/tell.js';

/** As the weather service orders them, the least first. */
export const officialSeverities = ['Minor', 'Moderate', 'Severe', 'Extreme'] as const;
export type OfficialSeverity = (typeof officialSeverities)[number];

const peopleAtOnce = 1_000;

/** Whether a calendar has that time (ECMAScript, 21.4.1.1): another one could not be put in words. */
const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= 8.64e15;

const warningSchema = z.custom<WarningRow>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['key', 'city_key', 'status', 'event', 'severity'].every((name) => typeof Reflect.get(value, name) === 'string') &&
    ['issued_at', 'fetched_at'].every((name) => isTime(Reflect.get(value, name))) &&
    ['starts_at', 'ends_at']
      .map((name): unknown => Reflect.get(value, name) ?? null)
      .every((at) => at === null || isTime(at)),
);

/** @returns whether it is newer than what is kept of the same warning */
export async function keepWarning(manager: EntityManager, warning: WarningRow): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `INSERT INTO official_warnings (key, city_key, warning, is_active, fetched_at_ms) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (key) DO UPDATE SET warning = EXCLUDED.warning, is_active = EXCLUDED.is_active,
       fetched_at_ms = EXCLUDED.fetched_at_ms, city_key = EXCLUDED.city_key
     WHERE ((official_warnings.warning->>'issued_at')::bigint, official_warnings.fetched_at_ms)
       < ((EXCLUDED.warning->>'issued_at')::bigint, EXCLUDED.fetched_at_ms)
     RETURNING key`,
    [warning.key, warning.city_key, JSON.stringify(warning), warning.status === 'active', warning.fetched_at],
  );
  return rows.length > 0;
}

/** Tells everybody who has a place in the city of a warning, a page of people at a time. */
export async function spread(manager: EntityManager, warning: WarningRow, nowMs: number): Promise<void> {
  // Who was never told of anything there need not hear that it is over.
  const isNews = warning.status === 'active';
  for (let afterId: string | undefined = '0'; afterId !== undefined;) {
    const rows: { id: string }[] = await manager.query(
      `SELECT id FROM (
         SELECT id FROM users WHERE city_key = $1 UNION SELECT user_id FROM places WHERE city_key = $1
       ) AS people WHERE id > $2 AND ($4 OR EXISTS (SELECT FROM official_states s WHERE s.user_id = id))
       ORDER BY id LIMIT $3`,
      [warning.city_key, afterId, peopleAtOnce, isNews],
    );
    const ids = rows.map(({ id }) => id);
    await meet(
      manager,
      new Map(ids.map((id) => [id, { comes: [warning], leaves: [], into: [warning.city_key] }])),
      nowMs,
    );
    afterId = ids.length === peopleAtOnce ? ids.at(-1) : undefined;
  }
}

/** What a person meets: warnings of cities that they have a place in, and cities that they left. */
interface Meeting {
  readonly comes: readonly WarningRow[];
  readonly into: readonly string[];
  readonly leaves: readonly string[];
}

/**
 * People who came to a city with warnings are told of them, and of a city that they left nothing more comes; a page of people.
 *
 * @returns how many there were
 */
export async function followMoves(manager: EntityManager, nowMs: number): Promise<number> {
  const came: { user_id: string; city_key: string; warnings: unknown[] }[] = await manager.query(
    `SELECT p.user_id, p.city_key, (SELECT jsonb_agg(w.warning) FROM official_warnings w WHERE w.city_key = p.city_key AND w.is_active) AS warnings
     FROM (SELECT id AS user_id, city_key FROM users UNION SELECT user_id, city_key FROM places) AS p
     WHERE p.city_key IN (SELECT city_key FROM official_warnings WHERE is_active)
       AND NOT EXISTS (SELECT FROM official_states s WHERE s.user_id = p.user_id AND p.city_key = ANY(s.cities))
     ORDER BY p.user_id LIMIT $1`,
    [peopleAtOnce],
  );
  const left: { user_id: string; city_key: string }[] = await manager.query(
    `SELECT s.user_id, c AS city_key FROM official_states s CROSS JOIN unnest(s.cities) AS c
     WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = s.user_id AND u.city_key = c)
       AND NOT EXISTS (SELECT FROM places p WHERE p.user_id = s.user_id AND p.city_key = c)
     ORDER BY s.user_id LIMIT $1`,
    [peopleAtOnce],
  );
  const meetings = new Map<string, Meeting>();
  const add = (userId: string, more: Partial<Meeting>): void => {
    const { comes = [], into = [], leaves = [] } = meetings.get(userId) ?? {};
    meetings.set(userId, {
      comes: [...comes, ...(more.comes ?? [])],
      into: [...into, ...(more.into ?? [])],
      leaves: [...leaves, ...(more.leaves ?? [])],
    });
  };
  for (const { user_id: userId, city_key: cityKey, warnings } of came)
    add(userId, { comes: (warnings ?? []).flatMap((row) => readWarning(row) ?? []), into: [cityKey] });
  for (const { user_id: userId, city_key: cityKey } of left) add(userId, { leaves: [cityKey] });
  await meet(manager, meetings, nowMs);
  return meetings.size;
}

/** Of what others wrote and what no warning can be. */
export const readWarning = (value: unknown): WarningRow | undefined => warningSchema.safeParse(value).data;

/** Each person is locked, in the order of their ids, until they are told. */
async function meet(manager: EntityManager, meetings: ReadonlyMap<string, Meeting>, nowMs: number): Promise<void> {
  const ids = [...meetings.keys()];
  if (ids.length === 0) return;
  await manager.query(
    `INSERT INTO official_states (user_id, state, cities) SELECT id, $2, '{}' FROM users WHERE id = ANY($1::bigint[]) ORDER BY id
     ON CONFLICT DO NOTHING`,
    [ids, JSON.stringify(newOfficialState())],
  );
  const rows: { user_id: string; state: OfficialState; cities: string[]; from_severity: string | null }[] =
    await manager.query(
      `SELECT s.user_id, s.state, s.cities, t.from_severity FROM official_states s
       LEFT JOIN official_settings t ON t.user_id = s.user_id
       WHERE s.user_id = ANY($1::bigint[]) ORDER BY s.user_id FOR UPDATE OF s`,
      [ids],
    );
  const news = new Map<string, NoticeEvent[]>();
  const written: object[] = [];
  for (const { user_id: userId, state: kept, cities, from_severity: from } of rows) {
    const { comes = [], into = [], leaves = [] } = meetings.get(userId) ?? {};
    let state = isOfficialState(kept) ? kept : newOfficialState();
    const events: NoticeEvent[] = [];
    for (const warning of comes.toSorted((a, b) => a.issued_at - b.issued_at || a.fetched_at - b.fetched_at)) {
      const next = takeWarning(state, warning, nowMs);
      state = next.state;
      events.push(...next.events);
    }
    // Afterwards: who moves within the area of an event stays in it.
    for (const city of leaves) {
      const next = leaveCity(state, city);
      state = next.state;
      events.push(...next.events);
    }
    const now = [...new Set([...cities, ...into])].filter((city) => !leaves.includes(city) || into.includes(city));
    if (state !== kept || now.length !== cities.length) written.push({ user_id: userId, state, cities: now });
    const wanted = events.filter((event) => isWanted(event, from));
    if (wanted.length > 0) news.set(userId, wanted);
  }
  if (written.length > 0)
    await manager.query(
      `UPDATE official_states s SET state = n.state, cities = n.cities
       FROM jsonb_to_recordset($1::jsonb) AS n(user_id bigint, state jsonb, cities text[]) WHERE s.user_id = n.user_id`,
      [JSON.stringify(written)],
    );
  await tell(manager, news, nowMs);
  if (news.size > 0) await tellNews(manager, [...news.keys()]);
}

const isOfficialState = (state: Partial<OfficialState> | null): state is OfficialState =>
  state?.format === 1 && typeof state.events === 'object';

/** Below the person's severity nothing begins for them; an end is told by the plan to whom its beginning was told. */
function isWanted(event: NoticeEvent, from: string | null): boolean {
  if (from === 'NONE') return false;
  if (from === null || (event.kind !== 'raised' && event.kind !== 'changed')) return true;
  const official = event.line.officialSeverity ?? from;
  const [rank, least] = [official, from].map((name) => officialSeverities.indexOf(name as OfficialSeverity));
  // What nobody knows the severity of is told.
  return rank === undefined || least === undefined || rank === -1 || rank >= least;
}
