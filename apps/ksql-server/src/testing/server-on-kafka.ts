import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { startTestStack } from '@isobar/local-stack/testing';
import { ServerProcess } from './server-process.js';

/** A server on a real broker, both of its own, and the way to write to that broker and to read from it. */
export interface ServerOnKafka {
  readonly broker: KafkaBroker;
  readonly server: ServerProcess;
  readonly kafkaBrokers: string;
  stop(): Promise<void>;
}

/** @throws when a part does not come up, after what had come up is stopped */
export async function startServerOnKafka(environment: Readonly<Record<string, string>> = {}): Promise<ServerOnKafka> {
  const stack = await startTestStack({ parts: ['kafka'] });
  const broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'spec' });
  try {
    const server = await ServerProcess.start({ KAFKA_BROKERS: stack.kafkaBrokers, ...environment });
    const stop = async (): Promise<void> => {
      await server.end('SIGTERM');
      await broker.close();
      await stack.stop();
    };
    return { broker, server, kafkaBrokers: stack.kafkaBrokers, stop };
  } catch (error) {
    await broker.close();
    await stack.stop();
    throw error;
  }
}
