export { ManualClock } from './manual-clock.js';
export type { PlainValue } from './plain-value.js';
export {
  KsqlTestDriver,
  type DriverOptions,
  type DriverRecord,
  type PipedRecord,
  type ReadRecord,
} from './topology-driver.js';
