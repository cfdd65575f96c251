import { KsqlError } from './sql-error.js';

/** A mistake that ksqlDB reports for the request as a whole, without the statement (code 40000 instead of 40001). */
export class KsqlRequestError extends KsqlError {}

/** The statement needs a schema registry, which this engine does not talk to yet (code 42801). */
export class RegistryRequiredError extends KsqlError {}
