export { startKsqlServer, type KsqlServerProcess } from './ksql-server-process.js';
