/** What asks for modules of Node: threads, files. */
export { openWorker } from './adapters/worker/open-worker.js';
export { QueryThreads } from './adapters/worker/query-threads.js';
export { serveQueries } from './adapters/worker/serve-queries.js';
export { PullWorkers } from './adapters/worker/pull-workers.js';
export { DiskState } from './state/disk/disk-state.js';
export { StateUnavailableError } from './state/state-backend.js';
/** Of a thread that runs queries as of the engine. */
export { LocalHost } from './engine/local-host.js';
export { Checkpoints } from './runtime/checkpoints.js';
export { KnownSchemas } from './runtime/schema-admission.js';
