export { eventually, until } from './eventually.js';
export { startTestStack, type TestPart, type TestStack } from './test-stack.js';
