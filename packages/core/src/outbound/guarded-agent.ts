import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Agent, buildConnector } from 'undici';
import { DimgxError } from '../errors.ts';
import type { NetworkRules } from './network-rules.ts';

const second = 1000;
const connectWithin = 5 * second;

/**
 * Connects only to addresses that the rules allow. The address that is checked is the one that is connected to, so a
 * name that resolves otherwise the second time gains nothing. The caller closes the agent.
 */
export async function guardedAgent(rules: NetworkRules): Promise<Agent> {
  // Half of the commands never need it, and it takes a while to load.
  const { Agent, buildConnector } = await import('undici');
  const connectorOf = (protocol: string) =>
    buildConnector({ timeout: connectWithin, allowH2: false, lookup: allowedLookup(rules, protocol) });
  const connectors: Record<string, buildConnector.connector> = {
    'http:': connectorOf('http:'),
    'https:': connectorOf('https:'),
  };
  return new Agent({
    connect: (options, callback) => {
      const { protocol, hostname } = options;
      const connect = connectors[protocol];
      // A literal address is never looked up.
      const isLiteral = isIP(bare(hostname)) !== 0;
      if (connect === undefined || (isLiteral && !rules.allow(protocol, bare(hostname)))) {
        return callback(refused(rules, protocol, hostname), null);
      }
      connect(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        if (rules.allow(protocol, socket.remoteAddress ?? '')) return callback(null, socket);
        socket.destroy();
        callback(refused(rules, protocol, hostname), null);
      });
    },
  });
}

function allowedLookup(rules: NetworkRules, protocol: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => rules.allow(protocol, address));
      const [first] = allowed;
      if (first === undefined) return callback(refused(rules, protocol, hostname), []);
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function refused(rules: NetworkRules, protocol: string, hostname: string): DimgxError {
  return new DimgxError('ADDRESS_REFUSED', `${hostname} ${rules.refusal(protocol)}`);
}
