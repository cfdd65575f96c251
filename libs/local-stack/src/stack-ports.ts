import type { PortReservations } from './port-reservations.js';
import { describeHolder, holderOf, isPortFree, nextFreePort, portHolder, type PortHolder } from './ports.js';
import { StackError } from './stack-error.js';

/** The stack's ports by name, with their defaults. `--port NAME=N` takes these names. */
export const defaultPorts = {
  postgres: 5432,
  kafka: 9092,
  'kafka-controller': 9093,
  connect: 8083,
  registry: 8081,
  'ksql-server': 8088,
  dashboard: 3000,
  'user-service': 3001,
  'weather-ingest': 3002,
  'sensor-sim': 3003,
  'stream-admin': 3004,
} as const;

export type PortName = keyof typeof defaultPorts;
export type StackPorts = Readonly<Record<PortName, number>>;

export const isPortName = (name: string): name is PortName => Object.hasOwn(defaultPorts, name);

/** The ports that a step listens on. */
export const portsOf = (step: string): PortName[] =>
  step === 'kafka' ? ['kafka', 'kafka-controller'] : isPortName(step) ? [step] : [];

/**
 * Chooses each port: the asked one, else its default, else, where another process holds that, the next free one. They are reserved
 * until the caller gives them back.
 * @returns the ports, and one sentence for each that is not its default for that reason
 * @throws StackError when an asked port is taken
 */
export async function choosePorts(
  asked: Partial<StackPorts>,
  needed: readonly PortName[],
  reservations: PortReservations,
): Promise<{ ports: StackPorts; notices: string[] }> {
  const ports: Record<PortName, number> = { ...defaultPorts, ...asked };
  const notices: string[] = [];
  const used = new Set<number>(Object.values(ports));
  for (const name of needed) {
    const port = ports[name];
    const taken = await takenBy(port, reservations);
    if (taken === undefined) continue;
    const holder = describeHolder(taken);
    const other = await nextUntaken(port + 1, used, reservations);
    if (asked[name] !== undefined) {
      reservations.giveBack(other);
      throw new StackError(`port ${port} for ${name} is taken by ${holder}`, {
        why: 'the port was asked for explicitly, so no other one is chosen',
        fix: `stop that process, or ask for another port: npx isobar up --port ${name}=${other}`,
      });
    }
    ports[name] = other;
    used.add(other);
    notices.push(`port ${port} is taken by ${holder}; ${name} uses ${other}`);
  }
  return { ports, notices };
}

/** Reserves the port. @returns undefined when that worked and nobody listens there, else who is in the way */
async function takenBy(port: number, reservations: PortReservations): Promise<PortHolder | undefined> {
  const reservedBy = reservations.take(port);
  if (reservedBy !== undefined) return holderOf(reservedBy.pid);
  if (await isPortFree(port)) return undefined;
  reservations.giveBack(port);
  return portHolder(port);
}

async function nextUntaken(from: number, used: ReadonlySet<number>, reservations: PortReservations): Promise<number> {
  for (let port = from; ; port += 1) {
    port = await nextFreePort(port, used);
    if ((await takenBy(port, reservations)) === undefined) return port;
  }
}

/**
 * Reads `NAME=N` pairs.
 * @throws StackError naming the pair that is wrong, with the names that exist
 */
export function parsePortOptions(pairs: readonly string[]): Partial<StackPorts> {
  const asked: Partial<Record<PortName, number>> = {};
  for (const pair of pairs) {
    const [name = '', text = ''] = pair.split('=');
    const port = Number(text);
    if (!isPortName(name))
      throw new StackError(`--port ${pair}: there is no port called ${name}`, {
        fix: `use one of ${Object.keys(defaultPorts).join(', ')}`,
      });
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new StackError(`--port ${pair}: ${text || 'nothing'} is no port`, { fix: 'give a number from 1 to 65535' });
    asked[name] = port;
  }
  return asked;
}
