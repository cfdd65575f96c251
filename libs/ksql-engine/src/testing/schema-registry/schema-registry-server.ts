import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidSchemaError, SchemaIncompatibleError, SchemaNotFoundError } from '../../ports/schema-registry.js';
import type { SchemaDefinition, SchemaReference, SchemaType } from '../../ports/schema-registry.js';
import { RegistryContents, type StoredVersion } from './registry-contents.js';

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** An error as a registry answers it. */
class ErrorAnswer extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** What one kind of request is answered with. `parts`: what the pattern's groups took of the path, decoded. */
interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  answer(contents: RegistryContents, parts: readonly string[], body: string): unknown;
}

const ROUTES: readonly Route[] = [
  { method: 'GET', pattern: /^\/subjects$/, answer: (contents) => contents.subjects() },
  {
    method: 'POST',
    pattern: /^\/subjects\/([^/]+)$/,
    answer(contents, [subject = ''], body) {
      contents.versions(subject);
      const found = contents.find(subject, definitionOf(body));
      if (found === undefined) throw new ErrorAnswer(404, 40403, 'Schema not found');
      return described(subject, found);
    },
  },
  {
    method: 'DELETE',
    pattern: /^\/subjects\/([^/]+)$/,
    answer(contents, [subject = '']) {
      const versions = contents.versions(subject).map(({ version }) => version);
      contents.deleteSubject(subject);
      return versions;
    },
  },
  {
    method: 'POST',
    pattern: /^\/subjects\/([^/]+)\/versions$/,
    answer: (contents, [subject = ''], body) => ({ id: contents.register(subject, definitionOf(body)).schema.id }),
  },
  {
    method: 'GET',
    pattern: /^\/subjects\/([^/]+)\/versions\/([^/]+)$/,
    answer(contents, [subject = '', wanted]) {
      const versions = contents.versions(subject);
      const found = wanted === 'latest' ? versions.at(-1) : versions.find(({ version }) => String(version) === wanted);
      if (found === undefined) throw new ErrorAnswer(404, 40402, `Version ${wanted} not found.`);
      return described(subject, found);
    },
  },
  {
    method: 'GET',
    pattern: /^\/schemas\/ids\/(\d+)$/,
    answer(contents, [id]) {
      const { type, text, imports } = contents.byId(Number(id));
      return schemaBody(type, text, imports);
    },
  },
  {
    method: 'POST',
    pattern: /^\/compatibility\/subjects\/([^/]+)\/versions\/latest$/,
    answer(contents, [subject = ''], body) {
      contents.versions(subject);
      const { isCompatible, messages } = contents.compatibility(subject, definitionOf(body));
      return { is_compatible: isCompatible, messages };
    },
  },
];

/** A registry in memory behind Confluent's REST interface, for clients in tests. */
export class SchemaRegistryServer {
  /** What a request must have in its Authorization header; any may ask when undefined. */
  authorization: string | undefined;
  /** The status that each further request is answered with; none when undefined. */
  trouble: number | undefined;
  /** `GET /subjects`, oldest first. */
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor(readonly contents = new RegistryContents()) {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  async start(port = 0): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.asked.push(`${method} ${url}`);
    let status = 200;
    let answer: unknown;
    try {
      const body = Buffer.concat(await request.toArray()).toString('utf8');
      if (this.trouble !== undefined) throw new ErrorAnswer(this.trouble, this.trouble * 100 + 1, 'in trouble');
      if (this.authorization !== undefined && headers.authorization !== this.authorization)
        throw new ErrorAnswer(401, 401, 'Unauthorized');
      answer = this.#find(method, new URL(url, 'http://registry').pathname, body);
    } catch (error) {
      const failure = failureOf(error);
      ({ status } = failure);
      answer = { error_code: failure.code, message: failure.message };
    }
    response.writeHead(status, { 'content-type': CONTENT_TYPE }).end(JSON.stringify(answer));
  }

  #find(method: string, path: string, body: string): unknown {
    for (const route of ROUTES) {
      const parts = route.method === method ? route.pattern.exec(path) : null;
      if (parts !== null) return route.answer(this.contents, parts.slice(1).map(decodeURIComponent), body);
    }
    throw new ErrorAnswer(404, 404, 'HTTP 404 Not Found');
  }
}

const described = (subject: string, { version, schema: { id, type, text, imports } }: StoredVersion) => ({
  subject,
  version,
  id,
  ...schemaBody(type, text, imports),
});

const schemaBody = (type: SchemaType, schema: string, references: readonly SchemaReference[]) => ({
  schema,
  ...(type === 'AVRO' ? {} : { schemaType: type }),
  ...(references.length === 0 ? {} : { references }),
});

function definitionOf(body: string): SchemaDefinition {
  const { schema, schemaType, references } = JSON.parse(body) as {
    readonly schema: string;
    readonly schemaType?: SchemaType;
    readonly references?: readonly SchemaReference[];
  };
  return { type: schemaType ?? 'AVRO', text: schema, references: references ?? [] };
}

function failureOf(error: unknown): ErrorAnswer {
  if (error instanceof ErrorAnswer) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SchemaNotFoundError) return new ErrorAnswer(404, 40401, message);
  if (error instanceof SchemaIncompatibleError) return new ErrorAnswer(409, 409, message);
  if (error instanceof InvalidSchemaError) return new ErrorAnswer(422, 42201, message);
  return new ErrorAnswer(500, 50001, message);
}
