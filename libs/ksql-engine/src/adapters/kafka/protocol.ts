import type * as Library from '@platformatic/kafka';
import { createRequire } from 'node:module';

/**
 * The protocol layer of @platformatic/kafka. Its main entry loads its consumers, producers and schema registries too, which nobody here
 * uses and which take 18 MB and a third of the server's start; its parts have no entries of their own.
 */
const folder = new URL('.', import.meta.resolve('@platformatic/kafka'));
const load = async (part: string): Promise<typeof Library> =>
  (await import(new URL(part, folder).href)) as typeof Library;

const [network, apis, protocol, errors] = await Promise.all([
  load('network/index.js'),
  load('apis/index.js'),
  load('protocol/index.js'),
  load('errors.js'),
]);

export const { ConnectionPool } = network;
export const { compressionsAlgorithmsByBitmask, protocolErrors, protocolErrorsCodesById, Writer } = protocol;
export const { ResponseError } = errors;
export const {
  addOffsetsToTxnV4,
  addPartitionsToTxnV3,
  apiVersionsV4,
  createAPI,
  createTopicsV7,
  deleteGroupsV2,
  deleteTopicsV6,
  describeConfigsV4,
  endTxnV4,
  fetchV13,
  findCoordinatorV6,
  initProducerIdV5,
  listOffsetsV8,
  metadataV12,
  offsetFetchV9,
  txnOffsetCommitV4,
} = apis;

/**
 * The checksum of a record batch. The library's own copies the bytes before it gives them to its optional native part, which is five
 * times as dear as that.
 */
export const crc32c: (bytes: Uint8Array) => number = nativeCrc32c() ?? protocol.crc32c;

function nativeCrc32c(): ((bytes: Uint8Array) => number) | undefined {
  try {
    const require = createRequire(import.meta.resolve('@platformatic/kafka'));
    return (require('@node-rs/crc32') as { readonly crc32c: (bytes: Uint8Array) => number }).crc32c;
  } catch {
    return undefined; // a platform that it was not built for
  }
}
