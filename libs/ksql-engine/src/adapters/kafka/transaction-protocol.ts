import type { Connection, Reader } from '@platformatic/kafka';
import { skipTaggedFields } from './tagged-fields.js';
import { apiVersionsV4, createAPI, endTxnV4, ResponseError, txnOffsetCommitV4 } from './protocol.js';

/** The number of the feature `transaction.version` from which on a broker adds partitions and offsets to a transaction by itself. */
const IMPLICIT_FROM = 2;
const FINALIZED_FEATURES_TAG = 2;

/** The producer that the next transaction belongs to. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/**
 * Whether the cluster speaks the second transaction protocol (KIP-890, Kafka 4.0 and later): the first produce or offset commit begins a
 * transaction without being announced, and each end gives the producer a new epoch, so that a late request of the transaction before
 * cannot land in the next one.
 */
export async function beginsTransactionsImplicitly(connection: Connection): Promise<boolean> {
  const features = await finalizedFeatures.async(connection, 'isobar', '1');
  return (features.get('transaction.version') ?? 0) >= IMPLICIT_FROM;
}

/** Features that the whole cluster has agreed on, and their level; the library's own parser leaves them out. */
const finalizedFeatures = createAPI<Parameters<typeof apiVersionsV4.createRequest>, ReadonlyMap<string, number>>(
  18,
  4,
  apiVersionsV4.createRequest,
  parseFeatures,
  true,
  false,
);

function parseFeatures(
  _correlationId: number,
  apiKey: number,
  apiVersion: number,
  reader: Reader,
): ReadonlyMap<string, number> {
  const features = new Map<string, number>();
  const errorCode = reader.readInt16();
  if (errorCode !== 0) throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, features);
  for (let rest = reader.readUnsignedVarInt() - 1; rest > 0; rest--) {
    reader.skip(6); // key, least and greatest version of a request
    skipTaggedFields(reader);
  }
  reader.readInt32(); // throttle time
  for (let rest = reader.readUnsignedVarInt(); rest > 0; rest--) {
    const tag = reader.readUnsignedVarInt();
    const bytes = reader.readUnsignedVarInt();
    if (tag !== FINALIZED_FEATURES_TAG) {
      reader.skip(bytes);
      continue;
    }
    for (let names = reader.readUnsignedVarInt() - 1; names > 0; names--) {
      const name = reader.readString();
      features.set(name, reader.readInt16());
      reader.readInt16(); // least level
      skipTaggedFields(reader);
    }
  }
  return features;
}

/** Offsets of a group as a part of a transaction (version 5): laid out as version 4, and begins the transaction when it is the first. */
export const txnOffsetCommitV5 = createAPI<
  Parameters<typeof txnOffsetCommitV4.createRequest>,
  ReturnType<typeof txnOffsetCommitV4.parseResponse>
>(28, 5, txnOffsetCommitV4.createRequest, txnOffsetCommitV4.parseResponse);

/** The end of a transaction (version 5): gives the identity under which the next one is written. */
export const endTxnV5 = createAPI<Parameters<typeof endTxnV4.createRequest>, ProducerIdentity>(
  26,
  5,
  endTxnV4.createRequest,
  (_correlationId, apiKey, apiVersion, reader) => {
    reader.readInt32(); // throttle time
    const errorCode = reader.readInt16();
    const next = { producerId: reader.readInt64(), producerEpoch: reader.readInt16() };
    if (errorCode !== 0) throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, next);
    return next;
  },
);
