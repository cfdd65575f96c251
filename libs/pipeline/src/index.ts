/** The pipeline as files: what they declare, whether they may be deployed, and what deploying them would do. */
export { dependencyOrder, withDependants } from './files/dependency-order.js';
export { parsePipelineObject, type PipelineObject } from './files/pipeline-object.js';
export { readPipeline } from './files/read-pipeline.js';
export { SqlFileError } from './files/sql-file-error.js';
export { tokenize, type SqlToken } from './files/tokenize.js';
export { findingText, rules, type Finding } from './lint/finding.js';
export { lintPipeline, type LintReport } from './lint/lint.js';
export { runTests } from './tests/run-tests.js';
export { type TestOutcome } from './tests/run-test.js';
export { planPipeline, worldHash } from './plan/plan-pipeline.js';
export { reasons, verdicts, type PipelinePlan, type PlanItem, type Verdict } from './plan/plan.js';
export type { RunningObject, RunningTopic, World } from './plan/world.js';
export { previewChange, type Preview, type RecordedRow } from './preview/preview-change.js';
export { previewInputs, type PreviewInputs } from './preview/preview-inputs.js';
