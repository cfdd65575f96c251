import type { TopologyStore } from '../topology/topology.js';

/** The compacted topic that holds the state of one store of one query, that of task p in partition p. */
export const changelogTopic = (applicationId: string, storeName: string): string =>
  `${applicationId}-${storeName}-changelog`;

/** The changelogs of a query, which has these stores. */
export const changelogsOf = (applicationId: string, stores: readonly TopologyStore[]): readonly string[] =>
  stores.filter((store) => store.hasChangelog).map((store) => changelogTopic(applicationId, store.name));
