import { StackError } from '@isobar/local-stack';
import { WrongArgumentError } from '../wrong-argument-error.js';
import { runningStack } from '../commands/running-stack.js';
import { asCommands } from './as-commands.js';
import { tokenFor } from './token-for.js';

/** The services that have REST for the command line, with the port of a service that was started by itself. */
const defaultPorts = { USER_SERVICE_URL: 3001, WEATHER_INGEST_URL: 3002, STREAM_ADMIN_URL: 3004 } as const;
export type ServiceVariable = keyof typeof defaultPorts;

/** The service gave no answer: exit code 69. */
export class UnreachableError extends StackError {
  readonly code = 'UNREACHABLE';
}

interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly fix?: { readonly text: string; readonly cli?: string };
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A thin client of one service: JSON in, JSON out, its problems as errors. */
export class ServiceClient {
  private readonly address: string;

  /** @param server the address to use; else the variable's, the running stack's, or the service's usual port here */
  constructor(
    private readonly variable: ServiceVariable,
    server?: string,
  ) {
    const address =
      server ??
      process.env[variable] ??
      runningStack()?.addresses[variable] ??
      `http://127.0.0.1:${defaultPorts[variable]}`;
    this.address = address.replace(/\/+$/, '');
  }

  get<Body>(path: string): Promise<Body> {
    return this.request('GET', path);
  }

  post<Body>(path: string, body: unknown): Promise<Body> {
    return this.request('POST', path, body);
  }

  /** Sends a file as it is, and gives the lines of the answer. */
  async send(path: string, body: Uint8Array<ArrayBuffer>, type: string): Promise<readonly string[]> {
    return (await this.text('POST', path, body, type)).split('\n').filter((line) => line !== '');
  }

  async delete(path: string): Promise<void> {
    await this.request('DELETE', path);
  }

  /** Path segments may hold anything. */
  static path(...segments: readonly string[]): string {
    return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
  }

  private async request<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const text =
      body === undefined
        ? await this.text(method, path)
        : await this.text(method, path, JSON.stringify(body), 'application/json');
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }

  private async text(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    type?: string,
  ): Promise<string> {
    let response: Response;
    const token = tokenFor(this.address);
    try {
      response = await fetch(`${this.address}${path}`, {
        method,
        signal: AbortSignal.timeout(120_000),
        headers: {
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...(type !== undefined && { 'Content-Type': type }),
        },
        ...(body !== undefined && { body }),
      });
    } catch (error) {
      throw new UnreachableError(`nothing answers at ${this.address}`, {
        why: reasonOf(error),
        fix: `start it with npx isobar up, or say where it is: --server ADDRESS, or ${this.variable}`,
      });
    }
    const text = await response.text();
    if (response.ok) return text;
    throw problemError(response.status, text, this.address);
  }
}

function problemError(status: number, text: string, address: string): StackError {
  let problem: Problem;
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    return new StackError(`${address} answered ${status}`, { why: text.slice(0, 200) });
  }
  const details = problem.errors?.map(({ pointer, detail }) => `${pointer.slice(1) || 'request'}: ${detail}`);
  const message = asCommands(details?.join('; ') ?? problem.detail ?? problem.title ?? `status ${status}`);
  if (status === 401)
    return new StackError(`${address} wants credentials`, {
      why: message,
      fix: 'set AUTH_TOKEN to its token, or AUTH_TOKEN_FILE to the file that holds it',
    });
  if (status === 503) return new UnreachableError(problem.title ?? `status ${status}`, { why: message });
  // Places in a request speak for themselves; of what a service refused for another reason the title says which.
  const isPlaces = details === undefined || problem.type?.endsWith('/validation') === true;
  const advice = {
    ...(isPlaces || problem.title === undefined ? {} : { why: problem.title }),
    ...(problem.fix === undefined ? {} : { fix: inWords(problem.fix) }),
  };
  // A name that the service does not know, or a value that it cannot mean.
  return status === 400 || status === 404 ? new WrongArgumentError(message, advice) : new StackError(message, advice);
}

const inWords = ({ text, cli }: NonNullable<Problem['fix']>): string =>
  cli === undefined ? asCommands(text) : `${text}: ${cli}`;

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause);
}
