/** What asks for modules of Node: threads, files. */
export { PullWorkers } from './adapters/worker/pull-workers.js';
export { DiskState } from './state/disk/disk-state.js';
export { StateUnavailableError } from './state/state-backend.js';
