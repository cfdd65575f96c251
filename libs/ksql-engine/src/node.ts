/** What asks for modules of Node: threads. */
export { PullWorkers } from './adapters/worker/pull-workers.js';
