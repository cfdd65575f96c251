import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Everything of IPv4 that is not somebody's address on the internet (RFC 6890 and its successors). */
const closed4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of IPv6 only 2000::/3 is, and of that not what holds IPv4 addresses, tunnels or examples. */
const closedOf6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const listOf = (subnets: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, family);
  return list;
};
const notPublic4 = listOf(closed4, 'ipv4');
const global6 = listOf([['2000::', 3]], 'ipv6');
const notPublic6 = listOf(closedOf6, 'ipv6');

/** Whether that address is of one host on the internet: not of this machine, a private network, a link, a group or an example. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic4.check(address, 'ipv4');
    case 6:
      return global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** A name or an address that leads into a network that people of this service must not reach. */
export class NotPublicError extends Error {
  override readonly name = 'NotPublicError';
  readonly code = 'ADDRESS_NOT_PUBLIC';
}

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

const resolveByDns: Resolve = (host) =>
  new Promise((resolve, reject) =>
    dnsLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error))),
  );

/** Looks up names, and knows which addresses may be connected to. */
export class AddressRules {
  constructor(
    /** For development: whatever this machine reaches. */
    private readonly allowsPrivate: boolean,
    private readonly resolve: Resolve = resolveByDns,
  ) {}

  get isOpen(): boolean {
    return this.allowsPrivate;
  }

  /**
   * The addresses of a host, each of which may be connected to.
   *
   * @param host a name, an IPv4 address, or an IPv6 address with or without brackets
   * @throws NotPublicError when one of them may not, or the error of the look-up
   */
  async addressesOf(host: string): Promise<readonly LookupAddress[]> {
    const bare = host.replace(/^\[(.*)\]$/, '$1');
    const family = isIP(bare);
    const addresses = family === 0 ? await this.resolve(bare) : [{ address: bare, family }];
    if (addresses.length === 0) throw new NotPublicError(`${bare} has no address`);
    for (const { address } of addresses)
      if (!this.allowsPrivate && !isPublicAddress(address))
        throw new NotPublicError(`${bare} leads to ${address}, which is not an address of the public internet`);
    return addresses;
  }
}
