export { findAnswersOutsideDescription } from './documented-answers.js';
