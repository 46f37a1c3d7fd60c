import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';

const docs = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const program = createProgram(new AbortController().signal);

/** Those of its subcommands too. */
function optionsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), ...command.commands.flatMap(optionsOf)];
}

describe('docs/cli.md', () => {
  test.each(program.commands.map((command) => [command.name(), command] as const))(
    'tells of %s',
    (name, command) => {
      expect(docs).toMatch(new RegExp(`^dimgx ${name}\\b`, 'm'));
      for (const option of optionsOf(command)) expect(docs).toContain(option);
    },
  );

  test('tells of no option that there is not', () => {
    const known = new Set([...optionsOf(program), '--help']);
    const told = docs.match(/(?<![\w-])--[a-z][a-z0-9-]+/g) ?? [];
    expect(told.filter((option) => !known.has(option))).toEqual([]);
  });
});

/** As it is typed behind `dimgx`. */
function pathOf(command: Command): string {
  return command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
}

describe('the help', () => {
  const leaves = program.commands.flatMap((each) => [each, ...each.commands]);
  test.each(leaves.map((command) => [pathOf(command), command] as const))(
    'of %s has examples, and fits 120 columns',
    (name, command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) });
      command.outputHelp();
      expect(text).toMatch(/\nExamples?:\n/);
      const [group = ''] = name.split(' ');
      expect(text.split('\n').some((line) => line.includes(`dimgx ${group}`))).toBe(true);
      const [explained = ''] = text.split(/\nExamples?:\n/);
      expect(explained.split('\n').filter((line) => line.length > 120 || line.endsWith(' '))).toEqual([]);
    },
  );
});

test.each([
  [['flatten', 'a', '--tagret', 'x'], /unknown option '--tagret'.*did you mean --target/is],
  [['flatten', 'a'], /required option '-t, --target <path>' not specified/],
  [
    ['triggers', 'put', 'a', 'b', '--provdier', 'x'],
    /unknown option '--provdier'.*did you mean --provider/is,
  ],
])('%j is told by what was typed first', async (args, message) => {
  const run = createProgram(new AbortController().signal).parseAsync(args, { from: 'user' });
  await expect(run).rejects.toThrow(message);
});
