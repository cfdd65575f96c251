import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askBroker } from '../parts/kafka-request.js';

const incrementalAlterConfigs = 44;
const brokerLogger = 8;
const set = 0;
/** What our broker is called. */
const nodeId = '1';
/** Writes a line for every request that was answered. */
const requestLogger = 'kafka.request.logger';
const line = /"clientId":"([^"]*)","requestApiKeyName":"([^"]*)"/;

/**
 * Counts what the broker is asked, by client and kind of request (`dashboard FETCH`), per minute. The broker counts, by its own log of
 * requests, so that nobody is left out and no figure depends on how fast the machine is.
 *
 * @param address `host:port` of the broker
 * @param logFile what it writes its log to
 * @param forMs how long
 */
export async function brokerRequestsPerMinute(
  address: string,
  logFile: string,
  forMs: number,
): Promise<ReadonlyMap<string, number>> {
  await setRequestLog(address, 'DEBUG');
  const file = openSync(logFile, 'r');
  try {
    const from = fstatSync(file).size;
    const startedMs = performance.now();
    await sleep(forMs);
    const minutes = (performance.now() - startedMs) / 60_000;
    const bytes = Buffer.alloc(fstatSync(file).size - from);
    readSync(file, bytes, 0, bytes.length, from);
    const asked = bytes
      .toString()
      .split('\n')
      .flatMap((text) => {
        const found = line.exec(text);
        return found === null ? [] : [`${found[1]} ${found[2]}`];
      });
    return new Map([...Map.groupBy(asked, (each) => each)].map(([each, all]) => [each, all.length / minutes]));
  } finally {
    closeSync(file);
    await setRequestLog(address, 'INFO');
  }
}

/** resources: count int32, each type int8, name, configs: count int32, each name, operation int8, value | only validate: int8 */
async function setRequestLog(address: string, level: string): Promise<void> {
  const [host = '', port = ''] = address.split(':');
  const body = Buffer.concat([
    int32(1),
    Buffer.from([brokerLogger]),
    text(nodeId),
    int32(1),
    text(requestLogger),
    Buffer.from([set]),
    text(level),
    Buffer.from([0]),
  ]);
  const request = { apiKey: incrementalAlterConfigs, version: 0, isFlexible: false, body };
  const answer = await askBroker(host, Number(port), request, 10_000);
  // throttle time, the count of results, then the error of the first
  const error = answer.readInt16BE(8);
  if (error !== 0) throw new Error(`The broker does not change what it logs: error ${error}`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.alloc(2 + value.length);
  bytes.writeInt16BE(value.length);
  bytes.write(value, 2, 'latin1');
  return bytes;
}
