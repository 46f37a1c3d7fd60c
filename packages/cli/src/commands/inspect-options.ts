import type { Command } from 'commander';
import { collect } from './option-parsers.ts';

/** What `dimgx inspect` was asked for, as commander gives it. */
export interface InspectFlags {
  readonly layers?: readonly string[];
  readonly reverse?: true;
  readonly strict?: true;
  readonly usage?: true;
  readonly quiet?: true;
  readonly json?: true;
  readonly platform?: string;
  readonly limits?: string;
  readonly timeout?: string;
}

const help = `
Prints a table, newest layer first: tag, id, parent, created, size of the layer, total size of all below and with it,
and the command that made it. A line without an id is a step that made no layer.

Examples:
  dimgx inspect debian:12
  dimgx inspect app:1 --usage
  dimgx inspect docker-archive:app.tar -l @0 -l 3f5a --json
  dimgx inspect docker-daemon:app:1 -q | head -1`;

export const layerSpecHelp =
  'a layer: a hex prefix of an image, layer or chain id, @N (0 is the newest), a range A:B, or a tag; several add up';

export const limitsHelp = 'what the image may cost, as NAME=NUMBER,…: see docs/configuration.md';
export const timeoutHelp = 'how long the run may take (DIMGX_TIMEOUT, else 21600)';

export function defineInspect(program: Command, signal: AbortSignal): void {
  program
    .command('inspect')
    .description('list the layers of an image')
    .argument('<image>', 'see dimgx --help')
    .option('-l, --layers <spec>', layerSpecHelp, collect)
    .option('-r, --reverse', 'turn the order of precedence round')
    .option('-s, --strict', 'a SPEC that names no layer is an error')
    .option('--usage', 'read the layers: paths that each adds, changes, removes, and bytes that it wastes')
    .option('-q, --quiet', 'ids only')
    .option('--json', 'the whole report as JSON')
    .option('--platform <os/arch[/variant]>', 'which image of a multi-platform one')
    .option('--limits <list>', limitsHelp)
    .option('--timeout <seconds>', timeoutHelp)
    .addHelpText('after', help)
    .action(async (image: string, flags: InspectFlags) => {
      const { inspect } = await import('./inspect.ts');
      await inspect(image, flags, signal);
    });
}
