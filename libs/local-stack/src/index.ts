export { createHome, repositoryRoot, stackHome, type StackHome } from './home.js';
export { fetchJava, findJava, type JavaRuntime } from './jvm/java.js';
export { writeJvmLock } from './jvm/jvm-lock.js';
export { ensureJvmParts, jvmPartsVerified, resolveJvmParts } from './jvm/jvm-parts.js';
