import type { ReplicationStatus, ReplicationNames } from './replication-client.js';

export const resnapshotFix = 'take a new snapshot: npx isobar people resnapshot';

/** The slot and publication that a connector's configuration names; undefined for a connector that reads no PostgreSQL. */
export function replicationNames(config: Readonly<Record<string, string>>): ReplicationNames | undefined {
  const { 'slot.name': slot, 'publication.name': publication } = config;
  return slot === undefined || publication === undefined ? undefined : { slot, publication };
}

/**
 * What no restart mends, in words: changes are lost, or never leave the database. Undefined when there is nothing of the kind.
 *
 * @param hasRead the connector has read from the slot before, so that a missing one was there
 */
export function replicationTrouble(
  names: ReplicationNames,
  { slot, publication }: ReplicationStatus,
  hasRead: boolean,
): string | undefined {
  const lost = 'changes since then are lost';
  if (slot === null && hasRead) return `the replication slot ${names.slot} is gone and ${lost}; ${resnapshotFix}`;
  if (slot?.walStatus === 'lost') {
    const why = slot.invalidationReason === null ? '' : ` (${slot.invalidationReason})`;
    return `the replication slot ${names.slot} was invalidated${why} and ${lost}; ${resnapshotFix}`;
  }
  if (publication === null && hasRead)
    return `the publication ${names.publication} is gone and ${lost}; ${resnapshotFix}`;
  if (publication?.tables.length === 0)
    return `the publication ${names.publication} holds no table and ${lost}; ${resnapshotFix}`;
  return undefined;
}
