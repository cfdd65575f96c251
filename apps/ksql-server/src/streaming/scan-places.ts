import { ApiError, TOO_MANY_REQUESTS } from '../http/responses.js';

/**
 * The readers of whole topics that clients may have at once: PRINT, and pull queries over streams. Each has a connection to Kafka of its
 * own and what it fetched in memory.
 */
export class ScanPlaces {
  #taken = 0;

  constructor(
    private readonly limit: number,
    private readonly onRefused: () => void = () => undefined,
  ) {}

  /**
   * @returns gives the place back; said twice it does so once
   * @throws ApiError 429 when all are taken
   */
  take(): () => void {
    if (this.#taken >= this.limit) {
      this.onRefused();
      throw new ApiError(
        TOO_MANY_REQUESTS,
        `${this.limit} topics are being read by PRINT or by pull queries over streams, as many as may be at once. End one, or raise KSQL_SCANS_MAX.`,
      );
    }
    this.#taken++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#taken--;
      isTaken = false;
    };
  }
}
