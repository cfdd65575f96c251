export { startTestStack, type TestPart, type TestStack } from './test-stack.js';
