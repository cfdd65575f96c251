/** Answers of the broker that no repetition changes. */
const permanentErrors = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'CORRUPT_MESSAGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'POLICY_VIOLATION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'UNSUPPORTED_COMPRESSION_TYPE',
]);

/** What kafkajs throws over a record that has no form in the protocol. By name: under Jest the classes are of another realm. */
const encodingErrors = new Set(['TypeError', 'RangeError']);

/** The broker lost what it knew of this producer; only a new one can go on. */
export const producerStateErrors = new Set([
  'UNKNOWN_PRODUCER_ID',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
]);

/** kafkajs wraps the broker's answer in its own errors, several levels deep. */
export function brokerErrorType(error: unknown): string | undefined {
  for (
    let current: unknown = error, depth = 0;
    depth < 5 && typeof current === 'object' && current !== null;
    depth += 1
  ) {
    if ('type' in current && typeof current.type === 'string') return current.type;
    current =
      'cause' in current && current.cause !== undefined
        ? current.cause
        : 'originalError' in current
          ? current.originalError
          : undefined;
  }
  return undefined;
}

/** Whether the same records would fail again, each time. */
export function isPermanent(error: unknown): boolean {
  const type = brokerErrorType(error);
  if (type !== undefined) return permanentErrors.has(type);
  return error instanceof Error && encodingErrors.has(error.name);
}
