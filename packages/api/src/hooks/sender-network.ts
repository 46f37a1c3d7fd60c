import { isIPv6 } from 'node:net';

/** Whose address it is, as far as it tells: of IPv6, where everybody has 2^64 of them, the network of these. */
export function senderNetwork(address: string): string {
  // As a socket for both families names an IPv4 address.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::', 2);
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
