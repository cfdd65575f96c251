/** The parts that need no Nest, for processes that must start quickly and stay small. */
export * as env from './config/environment.js';
export { ConfigError, readConfig } from './config/read-config.js';
export { serviceConfig } from './config/service-config.js';
export { createLogger } from './log/create-logger.js';
