export { brokerRequestsPerMinute } from './broker-requests.js';
export { stretchedMs } from '../crowding.js';
export { processesOf } from './processes-of.js';
export { eventually, until } from './eventually.js';
export { registryMissing, startTestStack, type TestPart, type TestStack } from './test-stack.js';
export { randomFreePorts } from '../ports.js';
