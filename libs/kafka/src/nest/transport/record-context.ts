import { BaseRpcContext } from '@nestjs/microservices';
import type { IHeaders } from 'kafkajs';
import type { IncomingRecord } from '../../consumer/incoming-record.js';

/** What a handler may ask for beside the record: `@Ctx() context: RecordContext`. */
export class RecordContext extends BaseRpcContext<[readonly IncomingRecord[]]> {
  constructor(
    /** Of one partition, in order; one record unless the handler takes batches. */
    readonly records: readonly [IncomingRecord, ...IncomingRecord[]],
    private readonly commitUpTo: ((offset: bigint) => Promise<void>) | undefined,
  ) {
    super([records]);
  }

  get topic(): string {
    return this.records[0].topic;
  }

  get partition(): number {
    return this.records[0].partition;
  }

  /** Of the first record. */
  get offset(): string {
    return this.records[0].offset;
  }

  /** Of the first record. */
  get headers(): IHeaders {
    return this.records[0].headers;
  }

  /**
   * Says that a record and all before it in its partition are done, for handlers that declare `{ commits: 'handler' }`. Without a
   * group there is nothing to commit to.
   */
  async commit(record: IncomingRecord = this.records[this.records.length - 1] ?? this.records[0]): Promise<void> {
    await this.commitUpTo?.(BigInt(record.offset) + 1n);
  }
}
