import type { Topology } from '../topology/topology.js';

/** Everything that a restart may use: changelogs as they would be compacted, and the note beside the offsets. */
export class Durable {
  private readonly logs = new Map<string, Map<string, readonly [Uint8Array, Uint8Array | null]>>();
  private note = '';

  /** Takes what a topology changed since its last commit. */
  commit(topology: Topology): void {
    for (const store of topology.stores) {
      const log = this.logs.get(store.name) ?? new Map<string, readonly [Uint8Array, Uint8Array | null]>();
      this.logs.set(store.name, log);
      for (const change of store.takeChanges()) {
        const { key, value } = store.encode(change);
        const id = Buffer.from(key).toString('hex');
        log.delete(id);
        log.set(id, [key, value]);
      }
    }
    this.note = topology.snapshot();
  }

  /** Brings a fresh topology to the last commit. */
  restore(topology: Topology): void {
    for (const store of topology.stores) {
      for (const [key, value] of this.logs.get(store.name)?.values() ?? []) store.restore(store.decode(key, value));
    }
    this.restoreNote(topology);
  }

  /** For a topology whose stores are at the last commit already. */
  restoreNote(topology: Topology): void {
    if (this.note !== '') topology.restoreSnapshot(this.note);
  }
}
