import type { Command } from 'commander';
import { numberFromOne } from './option-parsers.ts';
import { where } from './service-help.ts';

export interface CallbackViewFlags {
  readonly json?: true;
}

export interface DeliveriesFlags extends CallbackViewFlags {
  readonly limit?: number;
}

const help = `
Jobs register the endpoints of their callbacks by themselves; what receivers must know: docs/callbacks.md.
${where}

Examples:
  dimgx callbacks add https://ci.example.org/dimgx
  dimgx callbacks ping 0b8f7c54d1a2e3f405162738
  dimgx callbacks deliveries 0b8f7c54d1a2e3f405162738 --json | jq 'select(.state == "failed")'`;

/** The commands that deal with the endpoints of callbacks. */
export function defineCallbacks(program: Command, signal: AbortSignal): void {
  const group = program
    .command('callbacks')
    .description('whom the service tells the end of jobs')
    .addHelpText('afterAll', help);
  group
    .command('add')
    .description('register an endpoint; prints its id and, this once, its secret')
    .argument('<url>')
    .option('--json', 'the endpoint as JSON')
    .action(async (url: string, flags: CallbackViewFlags) =>
      (await import('./callbacks.ts')).addCallback(url, flags, signal),
    );
  group
    .command('list')
    .description('the endpoints, oldest first')
    .option('--json', 'the endpoints as JSON, a line each')
    .action(async (flags: CallbackViewFlags) =>
      (await import('./callbacks.ts')).listCallbacks(flags, signal),
    );
  group
    .command('show')
    .description('one endpoint')
    .argument('<id>')
    .option('--json', 'the endpoint as JSON')
    .action(async (id: string, flags: CallbackViewFlags) =>
      (await import('./callbacks.ts')).showCallback(id, flags, signal),
    );
  group
    .command('ping')
    .description('send an event that tells nothing, and tell how it was answered')
    .argument('<id>')
    .action(async (id: string) => (await import('./deliveries.ts')).ping(id, signal));
  group
    .command('deliveries')
    .description('what was sent to an endpoint and is still to be, newest first')
    .argument('<id>')
    .option('--limit <n>', 'how many at the most (50)', numberFromOne)
    .option('--json', 'the deliveries as JSON, a line each')
    .action(async (id: string, flags: DeliveriesFlags) =>
      (await import('./deliveries.ts')).listDeliveries(id, flags, signal),
    );
  group
    .command('redeliver')
    .description('send an event again, and tell how it was answered')
    .argument('<id>')
    .argument('<delivery>')
    .action(async (id: string, delivery: string) =>
      (await import('./deliveries.ts')).redeliver(id, delivery, signal),
    );
  group
    .command('rotate')
    .description('print a new secret, this once; for a day the old one signs too')
    .argument('<id>')
    .action(async (id: string) => (await import('./callbacks.ts')).rotateSecret(id, signal));
  group
    .command('enable')
    .description('send again to an endpoint that has answered 410')
    .argument('<id>')
    .action(async (id: string) => (await import('./callbacks.ts')).enableCallback(id, signal));
  group
    .command('delete')
    .description('forget an endpoint, and what was still to be sent to it')
    .argument('<id>')
    .action(async (id: string) => (await import('./callbacks.ts')).deleteCallback(id, signal));
}
