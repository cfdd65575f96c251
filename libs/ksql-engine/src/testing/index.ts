export { FetchedRecords } from '../ports/record-columns.js';
export { CacheBudget } from '../state/cached/cache-budget.js';
export { TaskState } from '../state/cached/task-state.js';
export { DiskState } from '../state/disk/disk-state.js';
export { bareTopology, planOf } from './bare-topology.js';
export { ManualClock } from './manual-clock.js';
export type { PlainValue } from './plain-value.js';
export { RegistryContents } from './schema-registry/registry-contents.js';
export { SchemaRegistryServer } from './schema-registry/schema-registry-server.js';
export {
  KsqlTestDriver,
  type DriverOptions,
  type DriverRecord,
  type PipedRecord,
  type ReadRecord,
} from './topology-driver.js';
