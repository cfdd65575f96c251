/** The producer holds as much as it may (`buffer.memory`, and its queue on disk); the record was not taken. */
export class BufferFullError extends Error {
  override readonly name = 'BufferFullError';
  readonly code = 'PRODUCER_BUFFER_FULL';
}

/** The broker will never take this record, such as one that is larger than the topic allows. */
export class RecordRefusedError extends Error {
  override readonly name = 'RecordRefusedError';
  readonly code = 'RECORD_REFUSED';
}

/** The producer was closed before the record was delivered. */
export class ProducerClosedError extends Error {
  override readonly name = 'ProducerClosedError';
  readonly code = 'PRODUCER_CLOSED';
}
