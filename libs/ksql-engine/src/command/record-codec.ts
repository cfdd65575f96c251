import type { CatalogChange } from '../catalog/catalog-change.js';
import type { FunctionRegistry } from '../functions/function.js';
import { dataSource } from '../plan/codec/catalog-codec.js';
import {
  byKind,
  DecodeError,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readObject,
  text,
  texts,
  type Codec,
  type Json,
} from '../plan/codec/json-codec.js';
import { planCodec } from '../plan/codec/plan-codec.js';
import { sqlType } from '../plan/codec/sql-codec.js';
import { PLAN_VERSION, type QueryPlan } from '../plan/nodes.js';
import type { Command, CommandRecord, Effect, FactsUsed, NewQuery, TopicFacts, UnreadablePlan } from './command.js';

/** 1 held the text of a statement only. A new meaning of what is there is a new number. */
const FORMAT_VERSION = 2;

/** The bytes of a command in its topic. */
export interface CommandBytes {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const facts = object<FactsUsed>({
  topics: list(object<TopicFacts>({ topic: text, partitions: number, replicas: number })),
  settings: texts,
});

const catalogChange = object<CatalogChange>({
  sources: list(object<CatalogChange['sources'][number]>({ source: dataSource, reads: list(text) })),
  dropped: list(text),
  types: list(object<CatalogChange['types'][number]>({ name: text, type: sqlType })),
  droppedTypes: list(text),
});

/** Between a server's command and the record that it is in the command topic, which ksqlDB's tools and older servers can read too. */
export class RecordCodec {
  readonly #effect: Codec<Effect>;

  constructor(functions: FunctionRegistry) {
    const query = object<NewQuery>({
      queryId: text,
      applicationId: text,
      kind: oneOf('CREATE_AS', 'INSERT', 'CREATE_SOURCE'),
      sinkName: optional(text),
      replaces: flag,
      sourceNames: list(text),
      settings: optional(texts),
      plan: planOrReason(planCodec(functions)),
    });
    this.#effect = byKind<Effect>('effect', {
      change: object({
        canonicalText: text,
        message: text,
        catalog: catalogChange,
        ends: list(text),
        query: optional(query),
      }),
      control: object({ action: oneOf('TERMINATE', 'PAUSE', 'RESUME'), queryIds: list(text), message: text }),
      end: object({ message: text }),
    });
  }

  encode(command: Command): CommandBytes {
    const value: Json = {
      statement: command.statement,
      streamsProperties: command.properties,
      sessionVariables: command.variables,
      version: FORMAT_VERSION,
      ...(command.restates === undefined ? {} : { restates: command.restates }),
      effect: this.#effect.encode(command.effect),
      facts: facts.encode(command.facts),
    };
    return { key: Buffer.from(JSON.stringify(command.commandId)), value: Buffer.from(JSON.stringify(value)) };
  }

  /** Never throws: what is no command is told as such. */
  decode(sequenceNumber: number, key: Uint8Array | null, value: Uint8Array | null): CommandRecord {
    const unreadable = (reason: string): CommandRecord => ({ kind: 'unreadable', sequenceNumber, reason });
    if (!key || !value) return unreadable('empty key or value');
    try {
      const commandId: unknown = JSON.parse(Buffer.from(key).toString('utf8'));
      const body = readObject(JSON.parse(Buffer.from(value).toString('utf8')));
      if (typeof commandId !== 'string') return unreadable('not a command');
      const { version = 1 } = body;
      if (typeof version !== 'number') return unreadable(`its version is no number: ${JSON.stringify(version)}`);
      if (version > FORMAT_VERSION) {
        const reason = `its version is ${version}, this server knows ${FORMAT_VERSION}`;
        return { kind: 'later', sequenceNumber, reason };
      }
      return this.#decodeBody(sequenceNumber, commandId, version, body);
    } catch (error) {
      if (error instanceof LaterPlanError) return { kind: 'later', sequenceNumber, reason: error.message };
      if (error instanceof DecodeError) return unreadable(error.message);
      return unreadable(error instanceof SyntaxError ? `not JSON: ${String(error)}` : String(error));
    }
  }

  #decodeBody(
    sequenceNumber: number,
    commandId: string,
    version: number,
    body: Readonly<Record<string, unknown>>,
  ): CommandRecord {
    if (typeof body['statement'] !== 'string') throw new DecodeError('no statement');
    const said = {
      sequenceNumber,
      commandId,
      statement: body['statement'],
      properties: textMap(body['streamsProperties']),
      variables: textMap(body['sessionVariables']),
    };
    if (version < FORMAT_VERSION) return { kind: 'statement', ...said };
    return {
      kind: 'command',
      ...said,
      effect: DecodeError.within('effect', () => this.#effect.decode(body['effect'])),
      facts: DecodeError.within('facts', () => facts.decode(body['facts'])),
      ...(body['restates'] === undefined ? {} : { restates: number.decode(body['restates']) }),
    };
  }
}

/** A plan of a later version is a reason to stop, unlike one that is broken. */
class LaterPlanError extends Error {}

function planOrReason(codec: Codec<QueryPlan>): Codec<QueryPlan | UnreadablePlan> {
  return {
    encode: (plan) => {
      if ('unreadable' in plan) throw new Error(`a plan that cannot be read is not logged again: ${plan.unreadable}`);
      return codec.encode(plan);
    },
    decode: (json) => {
      const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
      if (typeof version === 'number' && version > PLAN_VERSION) {
        throw new LaterPlanError(`the version of its plan is ${version}, this server knows ${PLAN_VERSION}`);
      }
      try {
        return codec.decode(json);
      } catch (error) {
        // Of any kind, nested too deep for the stack included: what else the record says has its effect.
        return { unreadable: error instanceof DecodeError ? error.message : String(error) };
      }
    },
  };
}

function textMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
}
