/** Where the parts of a running system answer, whatever runs them. */
export interface Addresses {
  readonly kafkaBrokers: string;
  readonly ksqldbUrl: string;
  readonly connectUrl: string;
  readonly dashboardUrl: string;
  readonly userServiceUrl: string;
  readonly sensorSimUrl: string;
  readonly streamAdminUrl: string;
}

export type KillablePart = 'ksql-server' | 'connect' | 'sensor-sim';

/** A whole system under test. */
export interface Runtime {
  readonly name: string;
  readonly addresses: Addresses;
  /** Ends a part at once (SIGKILL); the runtime's own supervision brings it back. Resolves when the kill was sent. */
  kill(part: KillablePart): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the runtime that `E2E_RUNTIME` names, from nothing. */
export async function startRuntime(): Promise<Runtime> {
  const name = process.env['E2E_RUNTIME'] ?? 'native';
  if (name === 'compose') return (await import('./compose-runtime.js')).startCompose();
  return (await import('./native-runtime.js')).startNative();
}
