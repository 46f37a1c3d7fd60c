import { describe, expect, test } from 'vitest';
import { NetworkRules } from '../../src/outbound/network-rules.ts';

const closed = new NetworkRules([]);
const opened = new NetworkRules(['10.1.0.0/16', '127.0.0.1/32', 'fd00:1::/32']);

const refused: [kind: string, address: string][] = [
  ['loopback', '127.0.0.1'],
  ['loopback, another', '127.8.9.1'],
  ['loopback of IPv6', '::1'],
  ['loopback within IPv6', '::ffff:127.0.0.1'],
  ['loopback within IPv6, in hex', '::ffff:7f00:1'],
  ['loopback, IPv4-compatible', '::127.0.0.1'],
  ['unspecified', '0.0.0.0'],
  ['unspecified of IPv6', '::'],
  ['private, class A', '10.1.2.3'],
  ['private, class B', '172.31.0.1'],
  ['private, class C', '192.168.0.1'],
  ['link-local, where clouds tell secrets', '169.254.169.254'],
  ['the same within IPv6', '::ffff:169.254.169.254'],
  ['link-local of IPv6', 'fe80::1'],
  ['link-local of IPv6 with a zone', 'fe80::1%eth0'],
  ['unique local', 'fd00::1'],
  ['unique local, where clouds tell secrets', 'fd00:ec2::254'],
  ['site-local', 'fec0::1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['protocol assignments', '192.0.0.1'],
  ['benchmarks', '198.18.0.1'],
  ['documentation', '203.0.113.1'],
  ['documentation of IPv6', '2001:db8::1'],
  ['multicast', '224.0.0.1'],
  ['multicast of IPv6', 'ff02::1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['NAT64 of a private one', '64:ff9b::10.0.0.1'],
  ['NAT64, local', '64:ff9b:1::10.0.0.1'],
  ['6to4 of a private one', '2002:a00:1::1'],
  ['Teredo', '2001::1'],
  ['discard', '100::1'],
  ['no address', 'example.org'],
  ['nothing', ''],
];

test.each(refused)('%s is not public: %s', (_kind, address) => {
  expect(closed.allow('https:', address)).toBe(false);
});

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
  '%s is public, so HTTPS may go there, and HTTP not',
  (address) => {
    expect(closed.allow('https:', address)).toBe(true);
    expect(closed.allow('http:', address)).toBe(false);
  },
);

test.each(['10.1.255.255', '::ffff:10.1.0.1', '127.0.0.1', 'fd00:1::7'])(
  '%s is of a network that was opened, so HTTP may go there too',
  (address) => {
    expect(opened.allow('http:', address)).toBe(true);
    expect(opened.allow('https:', address)).toBe(true);
  },
);

test.each(['10.2.0.1', '127.0.0.2', '::1', 'fd00:2::7', '8.8.8.8'])(
  '%s is of none that was opened',
  (address) => {
    expect(opened.allow('http:', address)).toBe(false);
  },
);

test.each(['10.0.0.1', '10.0.0.0/33', 'example.org/8', '', '::/x'])('%j is no network', (text) => {
  expect(() => new NetworkRules([text])).toThrow(/no network such as/);
});

describe('URLs, before anything is looked up', () => {
  const rows: [url: string, rules: NetworkRules, fault: RegExp | undefined][] = [
    ['https://example.org/hook?a=b', closed, undefined],
    ['https://example.org:8443/hook', closed, undefined],
    ['https://8.8.8.8/', closed, undefined],
    ['http://example.org/hook', closed, /must begin with https/],
    ['ftp://example.org/', closed, /must begin with https/],
    ['file:///etc/passwd', closed, /must begin with https/],
    ['https://user:password@example.org/', closed, /no user and password/],
    ['https://user@example.org/', closed, /no user and password/],
    ['https://127.0.0.1/', closed, /not public/],
    ['https://2130706433/', closed, /not public/],
    ['https://0x7f.1/', closed, /not public/],
    ['https://0177.0.0.1/', closed, /not public/],
    ['https://[::ffff:127.0.0.1]/', closed, /not public/],
    ['https://[::1]:8443/', closed, /not public/],
    ['https://localhost/', closed, /not public/],
    ['https://LOCALHOST./', closed, /not public/],
    ['https://a.localhost/', closed, /not public/],
    ['https://169.254.169.254/latest/meta-data', closed, /not public/],
    ['http://127.0.0.1:3000/hook', opened, undefined],
    ['http://localhost:3000/hook', opened, undefined],
    ['http://[fd00:1::1]/', opened, undefined],
    ['http://intranet.example/', opened, undefined],
    ['http://8.8.8.8/', opened, /must begin with https/],
    ['https://10.2.0.1/', opened, /not public/],
  ];
  test.each(rows)('%s', (url, rules, fault) => {
    const found = rules.urlFault(new URL(url));
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });
});

test.each([
  ['http://127.0.0.1/', 'must begin with https://, but for networks that the operator of the service allows'],
  [
    'https://127.0.0.1/',
    'leads to an address that is not public, which the operator of the service has not allowed',
  ],
])('the operator is told where %s could be allowed, if anywhere', (url, fault) => {
  expect(closed.urlFault(new URL(url))).toBe(fault);
  expect(new NetworkRules([], 'DIMGX_X').urlFault(new URL(url))).toBe(`${fault} (DIMGX_X)`);
});
