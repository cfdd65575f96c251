import type { Log } from '@isobar/kafka';

/** For Kafka clients of ours whose errors reach the user as errors, not as log lines. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
