/** A station whose last observation was refused since it lies too far ahead of our clock. */
export interface FastStation {
  readonly stationId: string;
  /** By how much, when it was last looked at. */
  readonly aheadMs: number;
  readonly seenAtMs: number;
}

/** A station that nobody asks any more, since a nearer one is right again, is told of for so long. */
const rememberedMs = 3_600_000;

/** The stations of each city whose clocks run ahead. */
export class StationClocks {
  private readonly byCity = new Map<string, Map<string, FastStation>>();

  refused(cityId: string, station: FastStation): void {
    const ofCity = this.byCity.get(cityId) ?? new Map<string, FastStation>();
    this.byCity.set(cityId, ofCity.set(station.stationId, station));
  }

  taken(cityId: string, stationId: string): void {
    this.byCity.get(cityId)?.delete(stationId);
  }

  /** By id. */
  fastOf(cityId: string, nowMs: number): readonly FastStation[] {
    const known = [...(this.byCity.get(cityId)?.values() ?? [])];
    return known
      .filter(({ seenAtMs }) => nowMs - seenAtMs <= rememberedMs)
      .sort((a, b) => (a.stationId < b.stationId ? -1 : 1));
  }
}
