export { diskNeededMb, inspectMachine, memoryNeededMb, type MachineCheck } from './checks.js';
export { isOwnHome, repositoryRoot, stackHome, type StackHome } from './home.js';
export { fetchJava, findJava, type JavaRuntime } from './jvm/java.js';
export { writeJvmLock } from './jvm/jvm-lock.js';
export { ensureJvmParts, jvmPartsVerified, kafkaAndConnect, resolveJvmParts, schemaRegistry } from './jvm/jvm-parts.js';
export { abortTransaction, openTransactions, type OpenTransaction } from './parts/open-transactions.js';
export { databaseUrl, postgresDataFolder } from './parts/postgres.js';
export { isOptionalStep, readOptionalSteps } from './optional-parts.js';
export { optionalSteps, stepNames, type OptionalStep } from './plan.js';
export { describeHolder, isPortFree, portHolder } from './ports.js';
export { isRunning, type ProcessIdentity } from './process/process-identity.js';
export { lockFile, lockHolder } from './run/lock.js';
export { observeStack, type ObservedStack } from './run/observed-stack.js';
export { endOrphans } from './run/orphans.js';
export { eventsFile, stateFile } from './run/run-record.js';
export { readState, type PartState, type StackState } from './run/state-file.js';
export { loadSecrets } from './secrets.js';
export { StackSession, type SessionOptions } from './session.js';
export type {
  Failure,
  NoticeEvent,
  StackEvent,
  StackObserver,
  StepEvent,
  StepState,
  SystemEvent,
} from './stack/events.js';
export { isSaidByOthers } from './stack/one-cause.js';
export { isHealth } from './stack/system-health.js';
export { StackError } from './stack-error.js';
export { stackToken } from './stack-token.js';
export { defaultPorts, isPortName, parsePortOptions, type PortName, type StackPorts } from './stack-ports.js';
