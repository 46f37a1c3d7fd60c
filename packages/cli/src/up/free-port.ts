import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { DimgxError, systemCode } from '@dimgx/core';

/**
 * Below the kernel's range for clients: one that reconnects to a port of that range while its server is away may be
 * given the very same port, and then talks to itself.
 */
const range = { from: 15_000, to: 32_000 };
const attempts = 100;

/** A loopback port that nothing listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = randomInt(range.from, range.to);
    if ((await listenFault('127.0.0.1', port)) === undefined) return port;
  }
  throw new DimgxError('PORT_IN_USE', `no free port between ${range.from} and ${range.to} on 127.0.0.1`);
}

/** Throws `PORT_IN_USE`. What else may be wrong with an address, its server says itself. */
export async function checkPort(host: string, port: number): Promise<void> {
  const fault = await listenFault(host, port);
  if (systemCode(fault) !== 'EADDRINUSE') return;
  throw new DimgxError(
    'PORT_IN_USE',
    `port ${port} of ${host} is in use; stop what uses it, or choose another --port`,
    {
      cause: fault,
    },
  );
}

function listenFault(host: string, port: number): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
