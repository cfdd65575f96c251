// Replays answers that a real server gave, where the recordings are at hand.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { entitySchemas } from './entities.js';
import { KsqlServerError } from './errors.js';
import { KsqlClient } from './ksql-client.js';
import { startStubServer, type StubServer } from './testing/stub-server.js';

const folder = join(import.meta.dirname, '../../../../shared/ksqldb-rest');
const isPresent = existsSync(folder);
if (!isPresent) process.stderr.write(`SKIPPED recorded answers of a ksqlDB server: ${folder} is not there\n`);

const stepSchema = z.looseObject({
  case: z.string(),
  kind: z.literal('http'),
  end: z.string().optional(),
  request: z.looseObject({
    method: z.string(),
    path: z.string(),
    httpVersion: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.record(z.string(), z.unknown()).optional(),
  }),
  response: z.looseObject({
    status: z.number(),
    body: z.unknown().optional(),
    raw: z.string().optional(),
    lines: z.array(z.string()).optional(),
    endsWithNewline: z.boolean().optional(),
  }),
});
type Step = z.infer<typeof stepSchema>;

const scenarios = [
  'ddl',
  'listing',
  'persistent-queries',
  'pull-queries',
  'push-queries',
  'statement-errors',
  'weather-demo',
];
const steps = isPresent
  ? scenarios
      .flatMap((scenario) => readdirSync(join(folder, scenario)).map((file) => join(folder, scenario, file)))
      .map((file) => stepSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))))
      .flatMap((parsed) => (parsed.success && parsed.data.request.httpVersion === '1.1' ? [parsed.data] : []))
  : [];

const withText = (path: string, member: string): [string, Step, string][] =>
  steps
    .filter((step) => step.request.path === path && typeof step.request.body?.[member] === 'string')
    .map((step) => [step.case, step, String(step.request.body?.[member])]);

(isPresent ? describe : describe.skip)('recorded answers', () => {
  let server: StubServer;
  let client: KsqlClient;
  let current: Step;

  beforeAll(async () => {
    server = await startStubServer((_request, response) => {
      const { status, body, raw, lines, endsWithNewline } = current.response;
      response.writeHead(status);
      if (lines) response.end(lines.join('\n') + (endsWithNewline ? '\n' : ''));
      else response.end(raw ?? (body === undefined ? '' : JSON.stringify(body)));
    });
    client = new KsqlClient({ url: server.url, attemptsMax: 1 });
  });

  afterAll(async () => {
    client.close();
    await server.close();
  });

  it('finds enough of them', () => {
    expect(steps.length).toBeGreaterThan(400);
  });

  it.each(withText('/ksql', 'ksql'))('/ksql %s', async (_name, step, text) => {
    current = step;
    const answer = await client.execute(text).catch((error: unknown) => error);
    if (step.response.status !== 200) {
      expect(answer).toBeInstanceOf(KsqlServerError);
      const body = step.response.body as { error_code: number; message: string; statementText?: string };
      expect(answer).toMatchObject({ errorCode: body.error_code, message: body.message, status: step.response.status });
      return;
    }
    expect(Array.isArray(answer)).toBe(true);
    for (const entity of answer as { '@type': string }[]) {
      const schema = Object.entries(entitySchemas).find(([type]) => type === entity['@type'])?.[1];
      if (schema) expect(schema.safeParse(entity).error).toBeUndefined();
    }
  });

  const delimited = withText('/query-stream', 'sql').filter(
    ([, step]) =>
      (step.request.headers['Accept'] ?? '').includes('delimited') &&
      !/print/i.test(String(step.request.body?.['sql'])),
  );
  it.each(delimited)('/query-stream %s', async (_name, step, text) => {
    current = step;
    const expected = (step.response.lines ?? []).slice(1).map((line) => JSON.parse(line) as unknown);
    const answer = await client.pull(text).catch((error: unknown) => error);
    const failure =
      expected.find((line) => !Array.isArray(line)) ?? (step.response.status === 200 ? undefined : step.response.body);
    if (failure) {
      expect(answer).toMatchObject({ errorCode: (failure as { error_code: number }).error_code });
      return;
    }
    const { rows } = answer as { rows: Record<string, unknown>[] };
    expect(rows).toHaveLength(expected.length);
  });

  const classic = withText('/query', 'ksql').filter(
    ([, step]) =>
      step.request.headers['Accept'] === 'application/vnd.ksql.v1+json' &&
      !/print/i.test(String(step.request.body?.['ksql'])),
  );
  it.each(classic)('/query %s', async (_name, step, text) => {
    current = step;
    const rows: unknown[] = [];
    const failure = await (async () => {
      for await (const event of await client.changes(text)) rows.push(event);
    })().catch((error: unknown) => error);
    const expected = (step.response.lines ?? []).filter((line) => line.includes('{"row":'));
    expect(rows).toHaveLength(expected.length);
    const isFailure =
      step.response.status !== 200 || (step.response.lines ?? []).some((line) => line.includes('"errorMessage"'));
    expect(failure instanceof KsqlServerError).toBe(isFailure);
  });
});
