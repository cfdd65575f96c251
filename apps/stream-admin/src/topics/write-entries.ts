import type { OutgoingRecord, RecordProducer } from '@isobar/kafka';

/** Kafka did not take an entry of the journal: its disk is full, or it is away. */
export class JournalUnwritableError extends Error {
  override readonly name = 'JournalUnwritableError';

  /** @param isAfterChange what the entry tells of was done already */
  constructor(
    readonly reason: string,
    readonly isAfterChange = false,
  ) {
    super(`the journal of deployments cannot be written: ${reason}`);
  }
}

/** Longer than a broker takes that restarts or changes leaders; whoever asked for a change waits behind it. */
const patienceMs = 15_000;

/**
 * Writes entries of the journal. A producer tries for ever, but whoever asked for a change wants an answer, so this does not. What was not
 * taken in time may still be when there is room again.
 *
 * @throws JournalUnwritableError
 */
export async function writeEntries(
  producer: Pick<RecordProducer, 'send' | 'trouble'>,
  records: readonly OutgoingRecord[],
  waitMsMax = patienceMs,
): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const trouble = producer.trouble === undefined ? '' : ` (${producer.trouble.message})`;
    late.reject(new JournalUnwritableError(`Kafka has not taken an entry for ${waitMsMax / 1_000} s${trouble}`));
  }, waitMsMax);
  try {
    await Promise.race([Promise.all(records.map((record) => producer.send(record))), late.promise]);
  } catch (error) {
    if (error instanceof JournalUnwritableError) throw error;
    throw new JournalUnwritableError(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}
