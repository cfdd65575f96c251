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

/** Signs that turn the direction of writing, have no width or end a line for some readers; JSON escapes the other control characters. */
const unseen = /[\p{Cf}\u007f-\u009f\u2028\u2029]/gu;

/** Lines whose text, which others may have sent, looks like what it is; they are JSON as before, with the same values. */
const visibly = (output: DestinationStream): DestinationStream => ({
  write: (line) => output.write(line.replace(unseen, escaped)),
});

const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, unit) => `\\u${sign.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(
    '',
  );

/** JSON lines on standard output: level in words, ISO time, the service's name, and never a credential. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err },
    redact: {
      paths: [
        ...['password', '*.password', 'authorization', '*.authorization', 'cookie', '*.cookie'],
        // What a failed statement was given, and the row that PostgreSQL shows.
        ...['err.parameters', 'err.detail', 'err.driverError.detail', 'err.driverError.parameters'],
      ],
      censor: '[hidden]',
    },
  };
  return pino(options, visibly(destination ?? standardOutput()));
}
