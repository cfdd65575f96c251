import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the fake service misbehaves. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly problem?: string; readonly retryAfterSeconds?: number }
  | { readonly kind: 'html'; readonly status: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'half-body' }
  | { readonly kind: 'empty-feature' }
  | { readonly kind: 'nulls' }
  | { readonly kind: 'body'; readonly body: unknown; readonly contentType?: string }
  | { readonly kind: 'redirect'; readonly to: string };

export interface FakeStation {
  observedAtMs: number;
  temperatureC: number | null;
  text?: string;
}

interface FakeRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly atMs: number;
  /** How it was answered badly; undefined for a good answer. */
  readonly fault: Fault['kind'] | undefined;
}

/**
 * A weather service of our own on loopback: points, stations and latest observations with the real one's shapes, validators and
 * cache headers, and faults on demand. Every place has the cell TST/1,1 unless `cells` says otherwise.
 */
export class FakeWeatherService {
  readonly requests: FakeRequest[] = [];
  /** The clock by which requests are noted. */
  now: () => number = Date.now;
  readonly stations = new Map<string, FakeStation>();
  /** Path prefix to what goes wrong there; the first that fits counts. */
  readonly faults = new Map<string, Fault>();
  /** The cell of every place, and when its forecasts were issued. */
  cell = 'TST/1,1';
  /** The county of every place; its first letters are the state. */
  county = 'TSC001';
  issuedAtMs = 0;
  /** The properties of the warnings that hold. */
  alerts: Record<string, unknown>[] = [];
  /** Where a warning's area is drawn, by its id. */
  readonly geometries = new Map<unknown, unknown>();
  maxAgeSeconds = 0;
  /** How long each answer takes. */
  delayMs = 0;
  /** Every place has a cell and a station of its own, as in life; without it they share one. */
  hasOwnCells = false;
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts, on the same port as before if there was one. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      if (this.delayMs === 0) this.answer(request, response);
      else setTimeout(() => this.answer(request, response), this.delayMs);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  count(pathPart: string): number {
    return this.requests.filter(({ path }) => path.includes(pathPart)).length;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    const fault = [...this.faults].find(([prefix]) => path.startsWith(prefix))?.[1];
    this.requests.push({ path, headers: request.headers, atMs: this.now(), fault: fault?.kind });
    if (fault !== undefined) {
      this.misbehave(fault, response);
      return;
    }
    if (path.startsWith('/points/')) this.json(response, point(this.cellAt(path), this.county));
    else if (path.startsWith('/alerts/active?'))
      this.json(response, { type: 'FeatureCollection', features: this.features() });
    else if (path.startsWith('/gridpoints/') && !this.isCell(path))
      problem(response, 404, 'MarineForecastNotSupported');
    else if (path.endsWith('/forecast') || path.endsWith('/forecast/hourly'))
      this.json(response, forecast(this.issuedAtMs, path.endsWith('hourly') ? 1 : 12));
    else if (/^\/gridpoints\/[^/]+\/[^/]+$/.test(path)) this.json(response, rawGrid(this.issuedAtMs));
    else if (/^\/gridpoints\/[^/]+\/[^/]+\/stations$/.test(path))
      this.json(response, stationList(this.hasOwnCells ? [stationIn(path)] : [...this.stations.keys()]));
    else {
      const id = /^\/stations\/([^/]+)\/observations\/latest$/.exec(path)?.[1];
      const station = this.stations.get(this.hasOwnCells ? 'KTST' : (id ?? ''));
      if (id === undefined || station === undefined) problem(response, 404, 'NotFound');
      else this.observation(request, response, id, station);
    }
  }

  private features(): unknown[] {
    return this.alerts.map((properties) => ({
      type: 'Feature',
      geometry: this.geometries.get(properties['id']) ?? null,
      properties,
    }));
  }

  private cellAt(pointPath: string): string {
    if (!this.hasOwnCells) return this.cell;
    // The whole degrees tell the default cities apart.
    const [latitude = '', longitude = ''] = pointPath.split('/').at(-1)?.split(',') ?? [];
    return this.cell.replace(
      /\/\d+,/,
      `/${Math.abs(Math.trunc(Number(latitude)))}${Math.abs(Math.trunc(Number(longitude)))},`,
    );
  }

  private isCell(path: string): boolean {
    const row = this.cell.split(',')[1];
    return this.hasOwnCells
      ? new RegExp(`^/gridpoints/[A-Z]+/\\d+,${row}(/|$)`).test(path)
      : path.startsWith(`/gridpoints/${this.cell}`);
  }

  private observation(request: IncomingMessage, response: ServerResponse, id: string, station: FakeStation): void {
    const lastModified = new Date(station.observedAtMs).toUTCString();
    if (request.headers['if-modified-since'] === lastModified) {
      response.writeHead(304, { 'Cache-Control': `public, max-age=${this.maxAgeSeconds}` }).end();
      return;
    }
    this.json(response, observation(id, station), { 'Last-Modified': lastModified });
  }

  private json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
    response
      .writeHead(200, {
        'Content-Type': 'application/geo+json',
        'Cache-Control': `public, max-age=${this.maxAgeSeconds}, s-maxage=120`,
        ...headers,
      })
      .end(JSON.stringify(body));
  }

  private misbehave(fault: Fault, response: ServerResponse): void {
    switch (fault.kind) {
      case 'status':
        problem(response, fault.status, fault.problem, fault.retryAfterSeconds);
        return;
      case 'html':
        response.writeHead(fault.status, { 'Content-Type': 'text/html' }).end('<html>Access Denied</html>');
        return;
      case 'hang':
        return;
      case 'half-body':
        response
          .writeHead(200, { 'Content-Type': 'application/geo+json', 'Content-Length': '1000' })
          .write('{"properties":{');
        setTimeout(() => response.destroy(), 20);
        return;
      case 'empty-feature':
        this.json(response, { type: 'Feature', properties: {} });
        return;
      case 'nulls':
        this.json(response, allNulls);
        return;
      case 'body':
        this.json(response, fault.body, fault.contentType === undefined ? {} : { 'Content-Type': fault.contentType });
        return;
      case 'redirect':
        response.writeHead(301, { Location: fault.to }).end();
        return;
    }
  }
}

function problem(response: ServerResponse, status: number, name?: string, retryAfterSeconds?: number): void {
  response
    .writeHead(status, {
      'Content-Type': 'application/problem+json',
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
    })
    .end(
      JSON.stringify({
        correlationId: 'abc123',
        title: 'A problem',
        ...(name === undefined ? {} : { type: `https://api.weather.gov/problems/${name}` }),
        status,
        detail: 'made for a test',
      }),
    );
}

const hourMs = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', '+00:00');

const forecast = (issuedAtMs: number, hours: number) => ({
  type: 'Feature',
  properties: {
    updateTime: iso(issuedAtMs),
    periods: Array.from({ length: 4 }, (_, index) => ({
      number: index + 1,
      name: hours === 1 ? '' : `Period ${index + 1}`,
      startTime: iso(issuedAtMs + index * hours * hourMs),
      endTime: iso(issuedAtMs + (index + 1) * hours * hourMs),
      isDaytime: true,
      temperature: 70 + index,
      temperatureUnit: 'F',
      probabilityOfPrecipitation: { unitCode: 'wmoUnit:percent', value: null },
      windSpeed: '5 to 10 mph',
      windDirection: 'NW',
      shortForecast: 'Sunny',
    })),
  },
});

const rawGrid = (issuedAtMs: number) => ({
  type: 'Feature',
  properties: {
    updateTime: iso(issuedAtMs),
    temperature: {
      uom: 'wmoUnit:degC',
      values: [
        { validTime: `${iso(issuedAtMs)}/PT3H`, value: 20 },
        { validTime: `${iso(issuedAtMs + 3 * hourMs)}/PT1H`, value: 21 },
      ],
    },
    windSpeed: { values: [] },
  },
});

const point = (cell: string, county: string) => ({
  type: 'Feature',
  properties: {
    gridId: cell.split('/')[0],
    gridX: Number(cell.split(/[/,]/)[1]),
    gridY: Number(cell.split(',')[1]),
    forecastZone: 'https://api.weather.gov/zones/forecast/TSZ001',
    county: `https://api.weather.gov/zones/county/${county}`,
    fireWeatherZone: 'https://api.weather.gov/zones/fire/TSZ001',
    timeZone: 'America/New_York',
    type: 'land',
  },
});

const stationList = (ids: readonly string[]) => ({
  type: 'FeatureCollection',
  features: ids.map((id) => ({ type: 'Feature', properties: { stationIdentifier: id, name: id } })),
});

/** A station of its own for each cell: `/gridpoints/TST/4074,1/stations` has `KFFF`-like ids made of the cell's digits. */
const stationIn = (path: string): string => {
  const digits = /\/(\d+),/.exec(path)?.[1] ?? '';
  return `K${[...digits.slice(-3).padStart(3, '0')].map((digit) => 'ABCDEFGHIJ'.charAt(Number(digit))).join('')}`;
};

/** Fits every endpoint, and says nothing. */
const allNulls = {
  type: 'Feature',
  properties: {
    timestamp: null,
    temperature: null,
    relativeHumidity: null,
    updateTime: null,
    periods: [{ temperature: null, windSpeed: null }],
    gridId: null,
    gridX: null,
    gridY: null,
  },
  features: null,
};

const observation = (id: string, { observedAtMs, temperatureC, text = 'Clear' }: FakeStation) => ({
  type: 'Feature',
  properties: {
    station: `https://api.weather.gov/stations/${id}`,
    timestamp: new Date(observedAtMs).toISOString().replace('.000Z', '+00:00'),
    textDescription: text,
    rawMessage: '',
    temperature: { unitCode: 'wmoUnit:degC', value: temperatureC, qualityControl: temperatureC === null ? 'Z' : 'V' },
    dewpoint: { unitCode: 'wmoUnit:degC', value: 10, qualityControl: 'V' },
    relativeHumidity: { unitCode: 'wmoUnit:percent', value: 50, qualityControl: 'V' },
    windSpeed: { unitCode: 'wmoUnit:km_h-1', value: 16.09344, qualityControl: 'V' },
    barometricPressure: { unitCode: 'wmoUnit:Pa', value: 101_325, qualityControl: 'V' },
    seaLevelPressure: { unitCode: 'wmoUnit:Pa', value: null, qualityControl: 'Z' },
  },
});
