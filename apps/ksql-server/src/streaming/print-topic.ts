import type { PrintTopic } from '@isobar/ksql-engine';
import { rowtimeText } from '../entities/time-text.js';
import { ApiError, BAD_REQUEST } from '../http/responses.js';
import type { ServerContext } from '../server-context.js';
import { guessFormat } from './guess-format.js';
import { RegisteredTexts } from './registered-texts.js';

const POLL_WAIT_MS = 500;

/** An open PRINT: lines in batches; an empty batch says that nothing came for a while. */
export interface OpenedPrint {
  batches(): AsyncIterable<readonly string[]>;
  close(): Promise<void>;
}

/**
 * PRINT: the records of a topic as text, with the formats that fit what was seen.
 * @throws ApiError when there is no such topic, or too many are read
 */
export async function openPrint(
  statement: PrintTopic,
  context: ServerContext,
  namesFormats: boolean,
): Promise<OpenedPrint> {
  const topics = await context.broker.listTopics();
  if (!topics.has(statement.topic)) {
    const similar = [...topics.keys()].filter((name) => name.toLowerCase() === statement.topic.toLowerCase());
    const hint = similar.length > 0 ? `\nDid you mean:${similar.map((name) => `\n\tprint ${name};`).join('')}` : '';
    throw new ApiError(
      BAD_REQUEST,
      `Could not find topic '${statement.topic}', or the KSQL user does not have permissions to list the topic. Topic names are case-sensitive.${hint}`,
    );
  }
  const leave = context.scanPlaces.take();
  const reader = await openReader(statement, context).catch((error: unknown) => {
    leave();
    throw error;
  });
  let isOpen = true;
  const close = async (): Promise<void> => {
    isOpen = false;
    leave();
    await reader.close();
  };
  const texts = new RegisteredTexts(context.engine?.options.registry);
  const [keyFormat, valueFormat] = [guessFormat('Key', texts), guessFormat('Value', texts)];
  return {
    close,
    async *batches() {
      let seen = 0;
      let printed = 0;
      try {
        while (isOpen && printed < (statement.limit ?? Infinity)) {
          const parts = await reader.poll(POLL_WAIT_MS);
          const records = parts.flatMap((part) => [...part.records]);
          await texts.learn(records.flatMap(({ key, value }) => [key, value]));
          keyFormat.see(records.map((record) => record.key));
          valueFormat.see(records.map((record) => record.value));
          const lines: string[] =
            records.length > 0 && namesFormats ? [...keyFormat.news(), ...valueFormat.news()] : [];
          for (const record of records) {
            if (seen++ % statement.interval !== 0 || printed >= (statement.limit ?? Infinity)) continue;
            printed++;
            const [key, value] = [keyFormat.read(record.key), valueFormat.read(record.value)];
            lines.push(
              `rowtime: ${rowtimeText(record.timestamp)}, key: ${key}, value: ${value}, partition: ${record.partition}`,
            );
          }
          yield lines;
        }
      } finally {
        await close();
      }
    },
  };
}

async function openReader(
  { topic, fromBeginning }: PrintTopic,
  { broker }: ServerContext,
): Promise<Awaited<ReturnType<ServerContext['broker']['openReader']>>> {
  const bounds = await broker.bounds(topic);
  return broker.openReader(
    bounds.map(({ partition, start, end }) => ({ topic, partition, offset: fromBeginning ? start : end })),
  );
}
