/**
 * Commands in what we say are written `npx isobar …`, which works in a checkout, where `isobar` alone is not on the path. A stack with a
 * home of its own is only found with that.
 */
export function asTyped(text: string, home: string | undefined = process.env['ISOBAR_HOME_OPTION']): string {
  return home === undefined ? text : text.replaceAll(/npx isobar ([a-z]+)/g, `npx isobar $1 --home ${home}`);
}
