import { BrokerUnavailableError } from '../../ports/broker.js';
import { protocolErrors, protocolErrorsCodesById } from './protocol.js';

/** An error of Kafka's own, and what the broker said, or else what it means. */
interface NamedError {
  readonly name: string;
  readonly reason: string;
}

/** All of Kafka's own errors found in an error and in what it was made of. */
function namedErrors(error: unknown): NamedError[] {
  const found: NamedError[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 6) return;
    const { apiId, apiCode, serverErrorMessage, message, errors, cause } = value as Record<string, unknown>;
    const name =
      typeof apiId === 'string'
        ? apiId
        : typeof apiCode === 'number' && apiCode !== 0
          ? (protocolErrorsCodesById[apiCode] ?? `code ${apiCode}`)
          : undefined;
    if (name !== undefined) found.push({ name, reason: text(serverErrorMessage) || text(message) || name });
    if (Array.isArray(errors)) for (const inner of errors) visit(inner, depth + 1);
    visit(cause, depth + 1);
  };
  visit(error, 0);
  return found;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const errorNames = (error: unknown): string[] => namedErrors(error).map(({ name }) => name);

/** What the broker said, in its own words where it has some; undefined for an error that is none of the broker's. */
export function brokerReason(error: unknown): string | undefined {
  const said = new Set(namedErrors(error).map(({ reason }) => reason));
  return said.size === 0 ? undefined : [...said].join('; ');
}

const FENCING = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTION_COORDINATOR_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
]);
const LATER = new Set([
  'CONCURRENT_TRANSACTIONS',
  'UNKNOWN_TOPIC_ID',
  'UNSTABLE_OFFSET_COMMIT',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);
const NETWORK_CODES = new Set(['PLT_KFK_NETWORK', 'PLT_KFK_TIMEOUT']);

export const isFenced = (error: unknown): boolean => errorNames(error).some((name) => FENCING.has(name));

/** Whether the same request may succeed later: Kafka says so, or the connection broke. */
export function isRetriable(error: unknown): boolean {
  if (error instanceof BrokerUnavailableError) return true;
  const names = errorNames(error);
  if (names.some((name) => FENCING.has(name))) return false;
  if (names.length > 0) return names.every((name) => LATER.has(name) || protocolErrors[name]?.canRetry === true);
  return isNetworkError(error);
}

export function isNetworkError(error: unknown): boolean {
  for (let current: unknown = error, depth = 0; typeof current === 'object' && current !== null && depth < 6; depth++) {
    const { code, errors, cause } = current as { code?: unknown; errors?: unknown; cause?: unknown };
    if (typeof code === 'string' && (NETWORK_CODES.has(code) || /^E(CONN|PIPE|HOST|NET|TIMED)/.test(code))) return true;
    if (Array.isArray(errors) && errors.some((inner) => isNetworkError(inner))) return true;
    current = cause;
  }
  return false;
}
