/** What this library needs of a logger; pino's fits. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** For clients whose errors reach the user as errors, not as log lines. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
