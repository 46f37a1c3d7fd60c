import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandLine } from './dimgx.ts';

/** Runs dimgx with a terminal of 150 columns as its stdin, stdout and stderr. */
export async function onTerminal(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ code: number; output: string }> {
  const quoted = commandLine(args).map((word) => `'${word}'`);
  const script = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols 150; exec ${quoted.join(' ')}`, '/dev/null'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...environment },
    },
  );
  const output = script.stdout.setEncoding('utf8').toArray();
  const [code] = await once(script, 'close');
  return { code, output: (await output).join('') };
}
