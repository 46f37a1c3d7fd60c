import ipaddr from 'ipaddr.js';
import { DimgxError } from '../errors.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

/** What IANA has given out of IPv6 for the public Internet (RFC 4291, 2.4). */
const globalUnicast: Network = ipaddr.parseCIDR('2000::/3');

/**
 * Where requests may go whose address somebody else chose: to public addresses over HTTPS, and to networks that the
 * operator opened over HTTP too. Everything else is this machine, or what stands behind the same firewall.
 */
export class NetworkRules {
  readonly #opened: readonly Network[];
  /** Where the operator opens them. */
  readonly #place: string;

  /** `opened`: networks as `10.0.0.0/8` or `fd00::/8`, out of `setting`. Throws `CONFIG_INVALID` for others. */
  constructor(opened: readonly string[], setting?: string) {
    this.#place = setting === undefined ? '' : ` (${setting})`;
    this.#opened = opened.map((text) => {
      if (isNetwork(text)) return ipaddr.parseCIDR(text);
      throw new DimgxError('CONFIG_INVALID', `${JSON.stringify(text)} is no network such as 10.0.0.0/8`);
    });
  }

  /** Whether a request of this protocol (`https:`) may go to this address. */
  allow(protocol: string, address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    // Of ::ffff:127.0.0.1 it is the address within that is reached.
    const parsed = ipaddr.process(address);
    if (this.#opened.some((network) => contains(network, parsed))) return true;
    return protocol === 'https:' && isPublic(parsed);
  }

  /** What is wrong with a URL before its name is looked up; undefined if nothing is. */
  urlFault(url: URL): string | undefined {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://';
    if (url.username !== '' || url.password !== '') return 'must hold no user and password';
    const address = literalAddress(url.hostname);
    const isOpen = address === undefined || this.allow(url.protocol, address);
    if (!isOpen) return this.refusal(url.protocol);
    const canBeOpen = url.protocol === 'https:' || this.#opened.length > 0;
    return canBeOpen ? undefined : this.refusal(url.protocol);
  }

  /** Why an address is refused, for whoever named it. */
  refusal(protocol: string): string {
    const why =
      protocol === 'https:'
        ? 'leads to an address that is not public, which the operator of the service has not allowed'
        : 'must begin with https://, but for networks that the operator of the service allows';
    return `${why}${this.#place}`;
  }
}

/** Whether the text is a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/** The address that a URL's host is, if it is no name that must be looked up. */
function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(bare)) return bare;
  // RFC 6761, 6.3.
  return /(^|\.)localhost\.?$/.test(hostname) ? '127.0.0.1' : undefined;
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || contains(globalUnicast, address);
}

function contains([network, bits]: Network, address: Address): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}
