import type { Command } from 'commander';

/** What `dimgx up` was asked for, as commander gives it. */
export interface UpFlags {
  readonly host?: string;
  readonly port?: string;
  readonly data?: string;
  readonly workers?: string;
}

/** What `dimgx api` was asked for. */
export interface ApiFlags {
  readonly host?: string;
  readonly port?: string;
}

/** What `dimgx demo` was asked for. */
export interface DemoFlags {
  readonly data?: string;
}

const upHelp = `
Starts a private Redis (unless REDIS_URL names one), the API and the workers, each a process of its own that is started
again when it dies. Artifacts, Redis's data and logs lie below --data. Ctrl-C lets running jobs end and stops all, a
second Ctrl-C at once. Settings and their variables: docs/configuration.md.

Examples:
  dimgx up
  dimgx up --port 9000 --data /var/lib/dimgx --workers 4
  DIMGX_STORE=s3://images/flat S3_ENDPOINT=http://s3:9000 dimgx up`;

const demoHelp = `
Starts the service on a free port with a data folder of its own, submits the image over HTTP, shows its progress,
downloads the artifact and verifies it, then stops all. Without an image it assembles one out of files at hand.

Examples:
  dimgx demo
  dimgx demo docker-daemon:debian:12`;

const apiHelp = `
For a fleet; needs REDIS_URL and DIMGX_STORE. SIGTERM lets requests end, a second one does not.

Example:
  REDIS_URL=redis://redis:6379 DIMGX_STORE=s3://images/flat DIMGX_API_KEY=… dimgx api --host 0.0.0.0`;

const workerHelp = `
For a fleet; needs REDIS_URL and DIMGX_STORE. SIGTERM lets running jobs end, a second one does not.

Example:
  REDIS_URL=redis://redis:6379 DIMGX_STORE=s3://images/flat DIMGX_CONCURRENCY=4 dimgx worker`;

const host = ['--host <address>', 'address that the API listens on (DIMGX_HOST, else 127.0.0.1)'] as const;
const port = [
  '--port <port>',
  'port that the API listens on, 0 for a free one (DIMGX_PORT, else 8080)',
] as const;
const data = ['--data <folder>', 'where all that is kept lies (DIMGX_DATA, else ./data)'] as const;

export function defineService(program: Command, signal: AbortSignal): void {
  program
    .command('up')
    .description('run the whole service on this machine')
    .option(...host)
    .option(...port)
    .option(...data)
    .option('--workers <n>', 'worker processes (DIMGX_WORKERS, else 1)')
    .addHelpText('after', upHelp)
    .action(async (flags: UpFlags) => (await import('./up.ts')).up(flags, signal));
  program
    .command('demo')
    .description('one real image through the whole service, verified')
    .argument('[image]', 'see dimgx --help')
    .option('--data <folder>', 'the artifact is kept in its folder demo (DIMGX_DATA, else ./data)')
    .addHelpText('after', demoHelp)
    .action(async (image: string | undefined, flags: DemoFlags) =>
      (await import('./demo.ts')).demo(image, flags, signal),
    );
  program
    .command('api')
    .description('run the API alone')
    .option(...host)
    .option(...port)
    .addHelpText('after', apiHelp)
    .action(async (flags: ApiFlags) => (await import('./api.ts')).api(flags, signal));
  program
    .command('worker')
    .description('run one worker alone')
    .addHelpText('after', workerHelp)
    .action(async () => (await import('./worker.ts')).worker(signal));
}
