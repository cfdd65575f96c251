import { request as httpRequest } from 'node:http';

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly requestBody?: unknown;
}
type Description = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'] as const;

/** What people and broken programs put where a path wants a name or a number. */
const oddValues = [
  '1',
  'x',
  '0',
  '-1',
  '1e3',
  '99999999999999999999',
  '%00',
  '%E0%A4%A',
  '..%2f..',
  'ü'.repeat(300),
].map((value) => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value)));

const oddBodies: readonly Pick<Attempt, 'body' | 'contentType'>[] = [
  {},
  ...['', '{', '[]', '{}', 'null', '"text"', '7', '{"__proto__":{"a":1}}', `{"a":"${'x'.repeat(300_000)}"}`].map(
    (body) => ({
      body,
      contentType: 'application/json',
    }),
  ),
  { body: `${'['.repeat(20_000)}`, contentType: 'application/json' },
  { body: '{}', contentType: 'application/json; charset=latin-42' },
  { body: 'a=1', contentType: 'application/x-www-form-urlencoded' },
  { body: '{}', contentType: 'text/plain' },
];

/**
 * Sends odd requests to every operation that a running service describes, and to every path with methods that it does not describe.
 *
 * @param url address of the service
 * @param leaveOut operations (`POST /x`) whose success this caller cannot have, such as one that never ends
 * @returns a line for each answer that its description does not list, each failure (500), each problem without title, each operation
 *   without a summary; none when all is well
 */
export async function findAnswersOutsideDescription(url: string, leaveOut: readonly string[] = []): Promise<string[]> {
  const description = (await (await fetch(`${url}/api/docs-json`)).json()) as Description;
  const findings = new Set<string>();
  for (const [template, item] of Object.entries(description.paths)) {
    for (const method of methods) {
      const operation = item[method.toLowerCase()];
      const name = `${method} ${template}`;
      if (leaveOut.includes(name) || (operation === undefined && isTakenByAnother(description, method, template)))
        continue;
      if (operation !== undefined && !operation.summary) findings.add(`${name}: has no summary`);
      // At once: many requests beside each other are one more oddity, and neighbours that are away are waited for once.
      const all = await Promise.all(
        attempts(method, template, operation).map(async (attempt) => ({ attempt, ...(await send(url, attempt)) })),
      );
      for (const { attempt, status, allow, body } of all) {
        const isListed =
          operation === undefined ? status === 405 && allow !== '' : operation.responses[status] !== undefined;
        if (!isListed || status === 500) findings.add(`${name}: answers ${status} to ${describe(attempt)}`);
        if (status >= 400 && !hasTitle(body)) findings.add(`${name}: ${status} without a titled problem`);
      }
    }
  }
  return [...findings];
}

/** `/x/{id}` may take the methods that `/x/replay` does not have. */
function isTakenByAnother({ paths }: Description, method: string, path: string): boolean {
  return Object.entries(paths).some(
    ([template, item]) =>
      template !== path &&
      item[method.toLowerCase()] !== undefined &&
      new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path),
  );
}

function attempts(method: string, template: string, operation: Operation | undefined): Attempt[] {
  const paths = template.includes('{')
    ? oddValues.map((value) => template.replaceAll(/\{[^}]+\}/g, () => value))
    : [template, `${template}?limit=x&cursor=-1&cityKey=%00&unknown=1`];
  const first = paths[0] ?? template;
  if (operation === undefined) return [{ method, path: first }];
  const plain = paths.map((path) => ({ method, path }));
  return operation.requestBody === undefined
    ? plain
    : [...plain, ...oddBodies.map((odd) => ({ method, path: first, ...odd }))];
}

/** Node's own client: `fetch` mends what should arrive broken. */
function send(
  url: string,
  { method, path, body, contentType }: Attempt,
): Promise<{ status: number; allow: string; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url + path, {
      method,
      headers: contentType === undefined ? {} : { 'Content-Type': contentType },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, allow: response.headers.allow ?? '', body: text }),
      );
    });
    request.end(body);
  });
}

function hasTitle(body: string): boolean {
  try {
    const problem = JSON.parse(body) as { title?: unknown; requestId?: unknown; status?: unknown };
    return typeof problem.title === 'string' && problem.title !== '' && typeof problem.requestId === 'string';
  } catch {
    return false;
  }
}

const describe = ({ path, body, contentType }: Attempt): string =>
  `${path.slice(0, 60)} ${contentType ?? ''} ${body?.slice(0, 30) ?? ''}`.trim();
