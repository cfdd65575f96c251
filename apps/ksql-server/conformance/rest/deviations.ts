/** A step that this server knowingly answers otherwise than the recorded one. */
export interface Deviation {
  readonly theirs: string;
  readonly ours: string;
  readonly reason: string;
}

/**
 * Accidents of the recorded server, `scenario/step` to both answers. A step that no longer deviates, or that no recording of its
 * scenario bears, makes the run fail.
 */
export const deviations: Readonly<Record<string, Deviation>> = {};
