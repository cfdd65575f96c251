import { randomFreePorts } from '@isobar/local-stack/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The built server as a process of its own, so that tests can kill it as a crash would. */
export class ServerProcess {
  #child: ChildProcess | undefined;
  output = '';

  private constructor(
    readonly port: number,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const [port = 0] = await randomFreePorts(1);
    const server = new ServerProcess(port, environment);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', ...this.environment, PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const killOnExit = (): void => void child.kill('SIGKILL');
    process.once('exit', killOnExit);
    child.once('exit', () => process.removeListener('exit', killOnExit));
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    await this.#untilReady(child);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (performance.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`ksql-server ended with ${child.exitCode}:\n${this.output}`);
      const info = await fetch(`${this.url}/info`).then(
        (response) => response.text(),
        () => '',
      );
      if (info.includes('"RUNNING"')) return;
      await delay(50);
    }
    throw new Error(`ksql-server did not become ready:\n${this.output}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** POST /ksql; the entities, or an error with the server's answer. */
  async ksql(sql: string, properties: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>[]> {
    const response = await this.post('/ksql', { ksql: sql, streamsProperties: properties });
    const body = (await response.json()) as Record<string, unknown>[];
    if (!response.ok) throw new Error(JSON.stringify(body));
    return body;
  }

  /** POST /query-stream; the lines of the answer. */
  async queryStream(sql: string, properties: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
    const response = await this.post('/query-stream', { sql, properties });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
  }
}
