import { abortTransaction, openTransactions, StackError, type OpenTransaction } from '@isobar/local-stack';
import { WrongArgumentError } from '../wrong-argument-error.js';
import { table } from '../render/table.js';
import { print } from './rest-options.js';
import { runningStack } from './running-stack.js';

interface Options {
  readonly output: string;
}

/** The variable's broker, that of the running stack, or the usual one. */
const brokers = (): string[] =>
  (process.env['KAFKA_BROKERS'] ?? runningStack()?.addresses['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',');

async function look(): Promise<OpenTransaction[]> {
  const [address = ''] = brokers();
  const at = address.lastIndexOf(':');
  return openTransactions(address.slice(0, at), Number(address.slice(at + 1)), 0).catch((error: unknown) => {
    throw new StackError(`the broker at ${address} does not tell its transactions`, {
      why: error instanceof Error ? error.message : String(error),
      fix: 'start it with npx isobar up, or say where it is with KAFKA_BROKERS',
    });
  });
}

export async function listTransactions(options: Options): Promise<void> {
  const open = (await look()).sort((a, b) => b.openMs - a.openMs);
  print(options, open, () =>
    open.length === 0
      ? 'no open transactions'
      : table(
          ['id', 'open for (s)', 'topics'],
          open.map(({ id, openMs, topics }) => [id, Math.round(openMs / 1_000), topics.join(' ')]),
        ),
  );
}

export async function abortOpenTransaction(id: string, options: Options): Promise<void> {
  const open = await look();
  // Asked for an id that nobody uses, the broker would make one of it.
  if (!open.some((each) => each.id === id))
    throw new WrongArgumentError(`no open transaction has the id ${id}`, {
      why: `open are: ${open.map((each) => each.id).join(', ') || 'none'}`,
      fix: 'see npx isobar transactions list',
    });
  await abortTransaction(brokers(), id);
  print(options, { aborted: id }, () => `the transaction ${id} is aborted; its readers go on without what it wrote`);
}
