import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The blocks of a document that a reader would run, in their order. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

/** A request that `curl` made, and how it was answered. */
export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export interface ShellRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly AskedRequest[];
}

/** Has curl tell what it asked for, however it was called. */
const tellingCurl = `: >requests; curl() { command curl -w '%{stderr}\\n%{method} %{url_effective} %{response_code}\\n' "$@" 2>>requests; }`;

/** Runs blocks as one script, as somebody does who copies them line by line. Its files stay in `folder`. */
export async function runShellBlocks(
  blocks: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ShellRun> {
  const script = [tellingCurl, ...blocks].join('\n');
  const shell = spawn('sh', ['-eu', '-c', script], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    shell.once('close', resolve).once('error', reject),
  );
  const [stdout, stderr, code] = await Promise.all([text(shell.stdout), text(shell.stderr), ended]);
  const told = await readFile(join(folder, 'requests'), 'utf8');
  const lines = [...told.matchAll(/^([A-Z]+) (\S+) (\d{3})$/gm)];
  const requests = lines.map(([, method = '', url = '', status]) => {
    return { method, path: new URL(url).pathname, status: Number(status) };
  });
  return { code, stdout, stderr, requests };
}
