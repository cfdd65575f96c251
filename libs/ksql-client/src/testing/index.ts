export { freePort } from './free-port.js';
export { startKsqlServer, type KsqlServerProcess } from './ksql-server-process.js';
