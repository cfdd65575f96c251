import type { Statement } from '@isobar/ksql-engine';
import { ApiError, SERVER_ERROR } from '../http/responses.js';
import type { ServerContext } from '../server-context.js';

const DEFAULT_URL = 'http://localhost:8083';
const TIMEOUT_MS = 5_000;

type Entity = Record<string, unknown>;
interface ConnectorStatus {
  readonly name: string;
  readonly type: string;
  readonly connector: { readonly state: string; readonly worker_id: string };
  readonly tasks: readonly { readonly id: number; readonly state: string }[];
}

/** Statements about connectors are passed on to Kafka Connect (`ksql.connect.url`). */
export class ConnectProxy {
  constructor(
    private readonly context: ServerContext,
    private readonly statementText: string,
  ) {}

  async list(kind: 'ALL' | 'SOURCE' | 'SINK'): Promise<Entity> {
    const names = (await this.#call('GET', '/connectors')) as string[];
    const statuses = await Promise.all(names.map((name) => this.#status(name)));
    const infos = await Promise.all(names.map((name) => this.#info(name)));
    return {
      '@type': 'connector_list',
      statementText: this.statementText,
      connectors: statuses
        .map((status, index) => ({
          name: status.name,
          type: status.type,
          className: infos[index]?.config['connector.class'] ?? '',
          state: stateText(status),
        }))
        .filter(({ type }) => kind === 'ALL' || type.toUpperCase() === kind),
    };
  }

  async plugins(): Promise<Entity> {
    const plugins = (await this.#call('GET', '/connector-plugins')) as {
      class: string;
      type: string;
      version: string | null;
    }[];
    return {
      '@type': 'connector_plugins_list',
      statementText: this.statementText,
      connectorsPlugins: plugins.map(({ class: className, type, version }) => ({ className, type, version })),
    };
  }

  async describe(name: string): Promise<Entity> {
    const [info, status] = [await this.#info(name), await this.#status(name)];
    return {
      '@type': 'connector_description',
      statementText: this.statementText,
      connectorClass: info.config['connector.class'] ?? '',
      status,
      sources: [],
      topics: [],
    };
  }

  async create(statement: Extract<Statement, { kind: 'createConnector' }>): Promise<Entity> {
    const config = Object.fromEntries(
      [...statement.properties].map(([name, value]) => [name, 'value' in value ? String(value.value) : '']),
    );
    if (statement.ifNotExists && ((await this.#call('GET', '/connectors')) as string[]).includes(statement.name)) {
      const message = `Connector ${statement.name} already exists`;
      return { '@type': 'warning_entity', statementText: this.statementText, message };
    }
    const info = await this.#call('POST', '/connectors', { name: statement.name, config });
    return { '@type': 'connector_info', statementText: this.statementText, info };
  }

  async drop(name: string, ifExists: boolean): Promise<Entity> {
    if (ifExists && !((await this.#call('GET', '/connectors')) as string[]).includes(name)) {
      const message = `Connector '${name}' does not exist.`;
      return { '@type': 'warning_entity', statementText: this.statementText, message };
    }
    await this.#call('DELETE', `/connectors/${encodeURIComponent(name)}`);
    return { '@type': 'drop_connector', statementText: this.statementText, connectorName: name };
  }

  async #info(name: string) {
    return (await this.#call('GET', `/connectors/${encodeURIComponent(name)}`)) as {
      readonly config: Readonly<Record<string, string>>;
    };
  }

  async #status(name: string): Promise<ConnectorStatus> {
    return (await this.#call('GET', `/connectors/${encodeURIComponent(name)}/status`)) as ConnectorStatus;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const base = this.context.properties['ksql.connect.url'] ?? DEFAULT_URL;
    let response: globalThis.Response;
    try {
      response = await fetch(new URL(path, base), {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
    } catch (error) {
      throw this.#failure(
        `Kafka Connect does not answer at ${base} (${String((error as Error).cause ?? error)}). Start it, or set ksql.connect.url.`,
      );
    }
    const text = await response.text();
    if (!response.ok) throw this.#failure(`Kafka Connect answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  #failure(message: string): ApiError {
    return new ApiError(SERVER_ERROR, message, maskSecrets(this.statementText));
  }
}

const stateText = ({ connector, tasks }: ConnectorStatus): string => {
  const running = tasks.filter((task) => task.state === 'RUNNING').length;
  return `${connector.state} (${running}/${tasks.length} tasks RUNNING)`;
};

/** Everything but the class of a connector may be a secret. */
const maskSecrets = (text: string): string =>
  text.replace(/'((?:[^']|'')*)'\s*=\s*'(?:[^']|'')*'/g, (whole, name: string) =>
    name === 'connector.class' ? whole : `'${name}'='[string]'`,
  );
