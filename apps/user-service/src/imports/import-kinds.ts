import type { CityCatalog } from '@isobar/contracts';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { newPlaceSchema } from '../places/place-fields.js';
import { metrics, newRuleSchema } from '../rules/rule-fields.js';
import { rulesMax } from '../rules/rules.js';
import { placesMax } from '../places/places.js';
import { cityErrors } from '../users/check-city.js';
import { newUserSchema } from '../users/user-fields.js';
import type { Columns } from './import-rows.js';

/** What is wrong with a row of a batch, by its index. */
export interface Fault {
  readonly index: number;
  readonly field: string | null;
  readonly detail: string;
}

export interface Written {
  readonly faults: readonly Fault[];
  /** How many were there already. */
  readonly skipped: number;
}

/** What can be imported. */
export interface ImportKind<Row> {
  readonly columns: Columns;
  readonly schema: z.ZodType<Row>;
  /** What a row by itself must not say. */
  readonly check: (row: Row, catalog: CityCatalog) => readonly Omit<Fault, 'index'>[];
  /**
   * Writes all rows of a batch, or finds what is wrong: then the transaction is undone.
   *
   * @param isSkipping what is there already is left as it is, and no fault
   */
  readonly write: (manager: EntityManager, rows: readonly Row[], isSkipping: boolean) => Promise<Written>;
}

const inCity = (cityKey: string, catalog: CityCatalog): Omit<Fault, 'index'>[] =>
  cityErrors(catalog, cityKey).map(({ detail }) => ({ field: 'cityKey', detail }));

type PersonRow = z.output<typeof newUserSchema>;
const people: ImportKind<PersonRow> = {
  columns: {
    ...{ username: 'text', fullName: 'text', email: 'text', cityKey: 'text' },
    ...{ tempHighF: 'number', tempLowF: 'number', aqiLimit: 'number' },
  },
  schema: newUserSchema,
  check: ({ cityKey, tempHighF, tempLowF }, catalog) => [
    ...inCity(cityKey, catalog),
    ...(tempHighF !== null && tempLowF !== null && tempLowF >= tempHighF
      ? [{ field: 'tempLowF', detail: `must be below tempHighF (${tempHighF} °F)` }]
      : []),
  ],
  write: async (manager, rows, isSkipping) => {
    const names = rows.map(({ username }) => username);
    const found: { username: string }[] = await manager.query('SELECT username FROM users WHERE username = ANY($1)', [
      names,
    ]);
    const { fresh, faults, skipped } = sift(rows, names, new Set(found.map(({ username }) => username)), isSkipping, {
      field: 'username',
      there: 'another person has it',
    });
    if (faults.length === 0)
      await manager.query(
        `INSERT INTO users (username, full_name, email, city_key, temp_high_f, temp_low_f, aqi_limit)
         SELECT username, "fullName", coalesce(email, username || '@isobar.example'), "cityKey", "tempHighF", "tempLowF", "aqiLimit"
         FROM jsonb_to_recordset($1::jsonb) AS n(username text, "fullName" text, email text, "cityKey" text,
           "tempHighF" double precision, "tempLowF" double precision, "aqiLimit" integer)`,
        [JSON.stringify(fresh)],
      );
    return { faults, skipped };
  },
};

const username = newUserSchema.shape.username;
const placeRowSchema = newPlaceSchema.extend({ username });
const places: ImportKind<z.output<typeof placeRowSchema>> = {
  columns: { username: 'text', name: 'text', cityKey: 'text' },
  schema: placeRowSchema,
  check: ({ cityKey }, catalog) => inCity(cityKey, catalog),
  write: async (manager, rows, isSkipping) => {
    const idOf = await lockPeople(manager, rows);
    const missing = unknownPeople(rows, idOf);
    if (missing.length > 0) return { faults: missing, skipped: 0 };
    const keyOf = (userId: string | undefined, name: string): string => JSON.stringify([userId, name]);
    const found: { user_id: string; name: string }[] = await manager.query(
      'SELECT user_id, name FROM places WHERE user_id = ANY($1::bigint[])',
      [[...idOf.values()]],
    );
    const keys = rows.map((row) => keyOf(idOf.get(row.username), row.name));
    const there = new Set(found.map(({ user_id: userId, name }) => keyOf(userId, name)));
    const { fresh, faults, skipped } = sift(rows, keys, there, isSkipping, {
      field: 'name',
      there: 'another place of the person has it',
    });
    const full = tooMany(
      rows,
      fresh,
      countBy(found, ({ user_id: id }) => id),
      idOf,
      placesMax,
      'places',
    );
    if (faults.length > 0 || full.length > 0) return { faults: [...faults, ...full], skipped };
    await manager.query(
      `INSERT INTO places (user_id, name, city_key) SELECT user_id, name, "cityKey"
       FROM jsonb_to_recordset($1::jsonb) AS n(user_id bigint, name text, "cityKey" text)`,
      [JSON.stringify(fresh.map((row) => ({ ...row, user_id: idOf.get(row.username) })))],
    );
    return { faults, skipped };
  },
};

const ruleRowSchema = newRuleSchema.omit({ placeId: true }).extend({
  username,
  place: z
    .string()
    .min(1)
    .max(60)
    .nullable()
    .default(null)
    .describe('the name of a place of the person; null: the home'),
});
const rules: ImportKind<z.output<typeof ruleRowSchema>> = {
  columns: {
    ...{ username: 'text', place: 'text', name: 'text', metric: 'text', comparison: 'text', threshold: 'number' },
    ...{ deadband: 'number', minDurationSeconds: 'number', clearDelaySeconds: 'number', coolDownSeconds: 'number' },
    ...{ severity: 'text', 'quietHours.from': 'text', 'quietHours.to': 'text', 'quietHours.zone': 'text' },
    ...{ channels: 'list', enabled: 'boolean' },
  },
  schema: ruleRowSchema,
  check: ({ metric, threshold }) => {
    const { min, max, unit, words } = metrics[metric];
    return threshold >= min && threshold <= max
      ? []
      : [{ field: 'threshold', detail: `must be from ${min} to ${max} ${unit} for the ${words}, not ${threshold}` }];
  },
  write: async (manager, rows) => {
    const idOf = await lockPeople(manager, rows);
    const missing = unknownPeople(rows, idOf);
    if (missing.length > 0) return { faults: missing, skipped: 0 };
    const ids = [...idOf.values()];
    const found: { id: string; user_id: string; name: string }[] = await manager.query(
      'SELECT id, user_id, name FROM places WHERE user_id = ANY($1::bigint[])',
      [ids],
    );
    const placeIdOf = new Map(found.map(({ id, user_id: userId, name }) => [JSON.stringify([userId, name]), id]));
    const placeOf = (row: (typeof rows)[number]): string | null | undefined =>
      row.place === null ? null : placeIdOf.get(JSON.stringify([idOf.get(row.username), row.place]));
    const homeless = rows.flatMap((row, index) =>
      placeOf(row) === undefined
        ? [{ index, field: 'place', detail: `${row.username} has no place "${row.place}"` }]
        : [],
    );
    const counts: { user_id: string; count: string }[] = await manager.query(
      'SELECT user_id, count(*) FROM alert_rules WHERE user_id = ANY($1::bigint[]) GROUP BY user_id',
      [ids],
    );
    const countOf = new Map(counts.map(({ user_id: id, count }) => [id, Number(count)]));
    const full = tooMany(rows, rows, countOf, idOf, rulesMax, 'rules');
    if (homeless.length > 0 || full.length > 0) return { faults: [...homeless, ...full], skipped: 0 };
    await manager.query(
      `INSERT INTO alert_rules (user_id, place_id, name, metric, comparison, threshold, deadband, on_delay_ms, off_delay_ms, cool_down_ms,
         severity, quiet_from, quiet_to, quiet_zone, channels, enabled)
       SELECT user_id, place_id, name, metric, comparison, threshold, deadband, "minDurationSeconds" * 1000,
         "clearDelaySeconds" * 1000, "coolDownSeconds" * 1000, severity, ("quietHours"->>'from')::time, ("quietHours"->>'to')::time,
         "quietHours"->>'zone', channels, enabled
       FROM jsonb_to_recordset($1::jsonb) AS n(user_id bigint, place_id bigint, name text, metric text, comparison text,
         threshold double precision, deadband double precision, "minDurationSeconds" bigint, "clearDelaySeconds" bigint,
         "coolDownSeconds" bigint, severity text, "quietHours" jsonb, channels text[], enabled boolean)
       ORDER BY metric, comparison, threshold, deadband`,
      [JSON.stringify(rows.map((row) => ({ ...row, user_id: idOf.get(row.username), place_id: placeOf(row) })))],
    );
    return { faults: [], skipped: 0 };
  },
};

export const importKinds = { people, places, rules } as const;
export type ImportKindName = keyof typeof importKinds;

/** The ids of the people that rows name, locked as everywhere before what is theirs. */
async function lockPeople(
  manager: EntityManager,
  rows: readonly { readonly username: string }[],
): Promise<ReadonlyMap<string, string>> {
  const found: { id: string; username: string }[] = await manager.query(
    'SELECT id, username FROM users WHERE username = ANY($1) ORDER BY id FOR NO KEY UPDATE',
    [[...new Set(rows.map((row) => row.username))]],
  );
  return new Map(found.map(({ id, username: name }) => [name, id]));
}

const unknownPeople = (rows: readonly { readonly username: string }[], idOf: ReadonlyMap<string, string>): Fault[] =>
  rows.flatMap((row, index) =>
    idOf.has(row.username) ? [] : [{ index, field: 'username', detail: `there is no person "${row.username}"` }],
  );

/** Rows that are new, and what is wrong with those that are not. */
function sift<Row>(
  rows: readonly Row[],
  keys: readonly string[],
  there: ReadonlySet<string>,
  isSkipping: boolean,
  words: { readonly field: string; readonly there: string },
): { readonly fresh: readonly Row[]; readonly faults: readonly Fault[]; readonly skipped: number } {
  const seen = new Set<string>();
  const fresh: Row[] = [];
  const faults: Fault[] = [];
  let skipped = 0;
  for (const [index, row] of rows.entries()) {
    const key = keys[index] ?? '';
    if (there.has(key) && isSkipping) skipped += 1;
    else if (there.has(key)) faults.push({ index, field: words.field, detail: words.there });
    else if (seen.has(key)) faults.push({ index, field: words.field, detail: 'an earlier row of the file has it' });
    else fresh.push(row);
    seen.add(key);
  }
  return { fresh, faults, skipped };
}

const countBy = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
};

/** Of each person the first row that is one too many. */
function tooMany<Row extends { readonly username: string }>(
  rows: readonly Row[],
  added: readonly Row[],
  before: ReadonlyMap<string, number>,
  idOf: ReadonlyMap<string, string>,
  atMost: number,
  what: string,
): Fault[] {
  const counts = new Map(before);
  return added.flatMap((row) => {
    const id = idOf.get(row.username) ?? '';
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    const detail = `${row.username} would have more than ${atMost} ${what}`;
    return count === atMost + 1 ? [{ index: rows.indexOf(row), field: 'username', detail }] : [];
  });
}
