import type { PrintTopic } from '@isobar/ksql-engine';
import type { Response } from '../http/http-listener.js';
import { ApiError, BAD_REQUEST } from '../http/responses.js';
import type { ServerContext } from '../server-context.js';
import { guessFormat } from './guess-format.js';
import { writeChunk } from './row-writer.js';

const POLL_WAIT_MS = 500;

/** PRINT: the records of a topic as text, with the formats that fit what was seen. */
export async function answerPrint(statement: PrintTopic, context: ServerContext, response: Response): Promise<void> {
  const topics = await context.broker.listTopics();
  if (!topics.has(statement.topic)) {
    const similar = [...topics.keys()].filter((name) => name.toLowerCase() === statement.topic.toLowerCase());
    const hint = similar.length > 0 ? `\nDid you mean:${similar.map((name) => `\n\tprint ${name};`).join('')}` : '';
    throw new ApiError(
      BAD_REQUEST,
      `Could not find topic '${statement.topic}', or the KSQL user does not have permissions to list the topic. Topic names are case-sensitive.${hint}`,
    );
  }
  const bounds = await context.broker.bounds(statement.topic);
  const reader = await context.broker.openReader(
    bounds.map((bound) => ({
      topic: statement.topic,
      partition: bound.partition,
      offset: statement.fromBeginning ? bound.start : bound.end,
    })),
  );
  response.once('close', () => void reader.close());
  response.writeHead(200, { 'content-type': 'text/plain' });
  const [keyFormat, valueFormat] = [guessFormat('Key'), guessFormat('Value')];
  let seen = 0;
  let printed = 0;
  try {
    while (printed < (statement.limit ?? Infinity)) {
      const lines: string[] = [];
      for (const part of await reader.poll(POLL_WAIT_MS)) {
        for (const record of part.records) {
          if (seen++ % statement.interval !== 0 || printed >= (statement.limit ?? Infinity)) continue;
          printed++;
          const [key, value] = [keyFormat.read(record.key), valueFormat.read(record.value)];
          lines.push(...keyFormat.news(), ...valueFormat.news());
          lines.push(
            `rowtime: ${rowtimeText(record.timestamp)}, key: ${key}, value: ${value}, partition: ${part.partition}`,
          );
        }
      }
      if (!(await writeChunk(response, lines.length > 0 ? `${lines.join('\n')}\n` : '\n'))) return;
    }
  } finally {
    await reader.close();
  }
  response.end();
}

/** `2020/01/01 00:00:00.000 Z` */
const rowtimeText = (timestampMs: number): string =>
  new Date(timestampMs).toISOString().replace('T', ' ').replace('Z', ' Z').replaceAll('-', '/');
