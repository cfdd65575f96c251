import {
  destination as destinationOf,
  pino,
  stdSerializers,
  stdTimeFunctions,
  type DestinationStream,
  type Logger,
} from 'pino';

/** Injection token of the service's logger. */
export const LOGGER = Symbol('service logger');

/** Lines that wait for room on a full disk, in bytes; what comes after them is lost, which is better than the service. */
const waitingBytesMax = 1024 * 1024;

/** A disk that is full, or a reader that has left, must not end a service that would work without its log. */
function standardOutput(): DestinationStream {
  const output = destinationOf({ dest: 1, sync: true, maxLength: waitingBytesMax });
  output.on('error', () => undefined);
  return output;
}

/** JSON lines on standard output: level in words, ISO time, the service's name, and never a credential. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err },
    redact: {
      paths: ['password', '*.password', 'authorization', '*.authorization', 'cookie', '*.cookie'],
      censor: '[hidden]',
    },
  };
  return pino(options, destination ?? standardOutput());
}
