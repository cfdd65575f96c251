/** JSON Schema as far as it helps to make a value that fits. */
export interface ValueSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly items?: ValueSchema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** One operation of a service, as it describes itself. */
export interface ApiOperation {
  readonly method: string;
  /** With `{name}` where a value goes. */
  readonly path: string;
  readonly queryNames: readonly string[];
  readonly body?: ValueSchema;
  /** What it says that it may answer. */
  readonly statuses: readonly number[];
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: ValueSchema }>> };
}

/** What a running service says that it can do, by its `/api/docs-json`. */
export async function apiOperations(url: string): Promise<ApiOperation[]> {
  const { paths } = (await (await fetch(`${url}/api/docs-json`)).json()) as {
    paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody, responses }]) => {
      const body = requestBody?.content['application/json']?.schema;
      return {
        method: method.toUpperCase(),
        path,
        queryNames: parameters.filter(({ in: place }) => place === 'query').map(({ name }) => name),
        ...(body === undefined ? {} : { body }),
        statuses: Object.keys(responses).map(Number),
      };
    }),
  );
}
