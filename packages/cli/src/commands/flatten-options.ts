import { type Command, Option } from 'commander';
import { type ProgressMode, progressModes } from '../progress/progress-mode.ts';
import { layerSpecHelp, limitsHelp, timeoutHelp } from './inspect-options.ts';
import { addNeededOption, collect, collectPatterns, wholeNumber } from './option-parsers.ts';

/** What `dimgx flatten` was asked for, as commander gives it. */
export interface FlattenFlags {
  readonly target: string;
  readonly layers?: readonly string[];
  readonly reverse?: true;
  readonly strict?: true;
  readonly gzip?: true;
  readonly bzip2?: true;
  readonly zstd?: true;
  readonly xz?: true;
  readonly uncompressed?: true;
  readonly compressLevel?: number;
  readonly force?: true;
  readonly platform?: string;
  readonly keepWhiteouts?: true;
  readonly dropEstargz?: true;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly json?: true;
  readonly progress: ProgressMode;
  readonly limits?: string;
  readonly timeout?: string;
}

const compressions = ['gzip', 'bzip2', 'zstd', 'xz', 'uncompressed'];

const help = `
A file appears complete or not at all. With -t PATH the summary, or the --json report, goes to stdout; with -t - the
tar does, and they go to stderr.

Examples:
  dimgx flatten debian:12 -t rootfs.tar
  dimgx flatten docker-archive:app.tar -t app.tar.zst --zstd --json
  dimgx flatten app:1 -l @2:@0 --keep-whiteouts -t newest-three-layers.tar
  dimgx flatten app:1 --exclude 'usr/share/doc/**' -t - | tar -x -C rootfs`;

export function defineFlatten(program: Command, signal: AbortSignal): void {
  const flatten = program
    .command('flatten')
    .description('write the root filesystem of an image as one tar')
    .argument('<image>', 'see dimgx --help');
  addNeededOption(flatten, '-t, --target <path>', 'where the tar goes; - is stdout')
    .option('-l, --layers <spec>', layerSpecHelp, collect)
    .option('-r, --reverse', 'turn the order of precedence round')
    .option('-s, --strict', 'a SPEC that names no layer is an error')
    .addOption(compression('-z, --gzip', 'compress by gzip'))
    .addOption(compression('-j, --bzip2', 'compress by bzip2'))
    .addOption(compression('--zstd', 'compress by zstd'))
    .addOption(compression('--xz', 'compress by xz'))
    .addOption(compression('-C, --uncompressed', 'do not compress, the default'))
    .option('--compress-level <n>', 'the level, on the scale of the compression', wholeNumber)
    .option('-w, --force', 'replace the target if it exists')
    .option('--platform <os/arch[/variant]>', 'which image of a multi-platform one')
    .option('--keep-whiteouts', 'keep whiteouts of what lies below the chosen layers')
    .option('--drop-estargz', 'leave out the index and landmarks of eStargz layers')
    .option('--include <glob>', 'only paths that match, and their folders; several add up', collectPatterns)
    .option('--exclude <glob>', 'no paths that match; several add up', collectPatterns)
    .option('--limits <list>', limitsHelp)
    .option('--timeout <seconds>', timeoutHelp)
    .option('--json', 'the whole report as JSON')
    .addOption(
      new Option('--progress <mode>', 'auto is a bar on a terminal').choices(progressModes).default('auto'),
    )
    .addHelpText('after', help)
    .action(async (image: string, flags: FlattenFlags) => {
      const { flatten } = await import('./flatten.ts');
      await flatten(image, flags, signal);
    });
}

function compression(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.conflicts(compressions.filter((name) => name !== option.attributeName()));
}
