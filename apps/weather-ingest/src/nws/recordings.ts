import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpointOf, type Endpoint } from './endpoint-of.js';
import { NwsError } from './nws-error.js';

type Json = Record<string, unknown>;

/** Which recordings answer a path; the first that fits counts. */
const routes: readonly (readonly [RegExp, Endpoint])[] = [
  [/^\/points\/[^/]+$/, 'points'],
  [/^\/gridpoints\/[^/]+\/[^/]+\/stations$/, 'stations'],
  [/^\/gridpoints\/[^/]+\/[^/]+\/forecast\/hourly$/, 'forecast-hourly'],
  [/^\/gridpoints\/[^/]+\/[^/]+\/forecast$/, 'forecast'],
  [/^\/gridpoints\/[^/]+\/[^/]+$/, 'raw-grid'],
  [/^\/stations\/[^/]+\/observations\/latest$/, 'observation'],
  [/^\/alerts\/active/, 'alerts'],
];

/** These tell where something is; a place that moved with each answer would be no place. */
const fixed: ReadonlySet<Endpoint> = new Set(['points', 'stations']);

/**
 * Plays recorded answers as the weather service: each request of a kind gets the next recording of that kind, its times moved so
 * that it was made just now. The same folder gives the same sequence.
 */
export class Recordings {
  private readonly byEndpoint = new Map<Endpoint, Json[]>();
  private readonly turns = new Map<string, number>();

  /** @throws Error when the folder cannot be read or holds no observation */
  constructor(
    folder: string,
    private readonly now: () => number,
  ) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(json|geojson)$/.test(file))
      .sort();
    for (const file of files) this.add(file, readFileSync(join(folder, file), 'utf8'));
    if (!this.byEndpoint.has('observation'))
      throw new Error(`NWS_REPLAY_DIR ${folder}: there is no recorded observation below it`);
  }

  /** Takes the place of `fetch`. */
  readonly fetch = async (url: string): Promise<Response> => {
    const { pathname } = new URL(url);
    const endpoint = routes.find(([pattern]) => pattern.test(pathname))?.[1];
    const recorded = endpoint === undefined ? undefined : this.byEndpoint.get(endpoint);
    if (endpoint === undefined || recorded === undefined)
      return answer(404, { type: 'https://api.weather.gov/problems/NotFound', status: 404, detail: 'not recorded' });
    const turn = this.turns.get(pathname) ?? startOf(pathname);
    this.turns.set(pathname, fixed.has(endpoint) ? turn : turn + 1);
    return answer(200, moved(recorded[turn % recorded.length] ?? {}, endpoint, this.now()));
  };

  private add(file: string, text: string): void {
    let body: unknown;
    let endpoint: Endpoint;
    try {
      body = JSON.parse(text);
      endpoint = endpointOf(file, body);
    } catch (error) {
      // Recordings of failures have their own tests.
      if (error instanceof SyntaxError || error instanceof NwsError) return;
      throw error;
    }
    const kept = this.byEndpoint.get(endpoint) ?? [];
    kept.push(body as Json);
    this.byEndpoint.set(endpoint, kept);
  }
}

const answer = (status: number, body: Json): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/geo+json' } });

/** Cities begin at different recordings, each always at the same. */
const startOf = (path: string): number =>
  [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, 7);

/** The property that says when an answer of this kind was made. */
const madeAt: Partial<Record<Endpoint, string>> = {
  observation: 'timestamp',
  forecast: 'updateTime',
  'forecast-hourly': 'updateTime',
  'raw-grid': 'updateTime',
};

/** Every time in the answer, moved by the same span. */
function moved(body: Json, endpoint: Endpoint, nowMs: number): Json {
  const property = madeAt[endpoint];
  if (property === undefined) return body;
  const properties = body['properties'] as Json;
  const madeAtMs = Date.parse(String(properties[property] ?? properties['updated']));
  const byMs = Math.floor((nowMs - madeAtMs) / 1_000) * 1_000;
  if (!Number.isFinite(byMs)) return body;
  return JSON.parse(
    JSON.stringify(body).replace(
      /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))((?:\/P[^"]*)?)"/g,
      (_all, time: string, duration: string) =>
        `"${new Date(Date.parse(time) + byMs).toISOString().replace('.000Z', '+00:00')}${duration}"`,
    ),
  ) as Json;
}
