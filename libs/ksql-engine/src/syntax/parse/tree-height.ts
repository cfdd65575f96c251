/** Whether a plain tree of objects, arrays and maps is lower than `limit` nodes. Walks without recursion. */
export function heightIsBelow(root: object, limit: number): boolean {
  let level: object[] = [root];
  for (let height = 1; level.length > 0; height++) {
    // Arrays lie between nodes: two steps make one level.
    if (height > 2 * limit) return false;
    const below: object[] = [];
    for (const node of level) {
      const children: Iterable<unknown> = node instanceof Map ? node.values() : (Object.values(node) as unknown[]);
      for (const child of children) if (typeof child === 'object' && child !== null) below.push(child);
    }
    level = below;
  }
  return true;
}
