/** The parts that need no Nest, for processes that must start quickly and stay small. */
export * as env from './config/environment.js';
export { ConfigError, readConfig } from './config/read-config.js';
export { serviceConfig } from './config/service-config.js';
export { guardPolicyFrom } from './guard/guard-settings.js';
export { guardedRequest } from './guard/node-request.js';
export { createRequestGuard, type GuardPolicy, type RequestGuard } from './guard/request-guard.js';
export type { RouteAccess, RouteExceptions } from './guard/route-access.js';
export type { GuardedRequest, GuardVerdict, Principal, Refused } from './guard/verdict.js';
export { ConnectionRoom } from './http/connection-room.js';
export { TurnedAway } from './http/turned-away.js';
export { createLogger } from './log/create-logger.js';
