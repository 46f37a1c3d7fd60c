import { DimgxError, type ErrorCode, systemCode, tlsWords } from '@dimgx/core';
import { CommanderError } from 'commander';
import { faultOf } from './client/service-fault.ts';

const wrongUsage: readonly ErrorCode[] = ['USAGE', 'CONFIG_INVALID', 'REFERENCE_INVALID', 'REQUEST_INVALID'];

/** Whose message says in plain words what their cause says. */
const meantByMessage: readonly ErrorCode[] = ['REDIS_UNREACHABLE'];

/** What messages of ours say for a fault of the system, where it is not the system's words. */
const sayings: Readonly<Record<string, RegExp>> = {
  ENOENT: /there is no|does not exist/,
  EACCES: /denies access/,
  EPERM: /denies access/,
  ENOSPC: /no space/,
  EDQUOT: /disk quota/,
  ECONNREFUSED: /connection is refused/,
  EADDRINUSE: /in use/,
};

/** The process's exit code for a fault that is no interruption: 1 wrong usage, 3 a SPEC that names nothing, else 2. */
export function exitCodeOf(error: DimgxError): number {
  if (error.code === 'LAYER_NOT_FOUND') return 3;
  return wrongUsage.includes(error.code) ? 1 : 2;
}

/** `dimgx: CODE: message (cause)`, one line whatever the message and the cause hold. */
export function errorLine(error: DimgxError): string {
  const cause = causeMessage(error);
  const told = cause === '' || tellsAlready(error, cause) ? '' : ` (${cause})`;
  return `dimgx: ${error.code}: ${oneLine(`${error.message}${told}`)}`;
}

/** Whether the message says all that its cause does. */
function tellsAlready({ code, message, cause }: DimgxError, causeText: string): boolean {
  if (meantByMessage.includes(code) || message.includes(causeText)) return true;
  const systems = systemCode(cause);
  if (systems === undefined) return false;
  const words = /^E[A-Z0-9]+: ([^,]+)/.exec(causeText)?.[1] ?? systems;
  return [systems, words].some((text) => message.includes(text)) || sayings[systems]?.test(message) === true;
}

/** The line and below it the stack of the error and of each of its causes. */
export function errorWithStack(error: DimgxError): string {
  const parts = [errorLine(error)];
  for (let fault: unknown = error; fault instanceof Error; fault = fault.cause) {
    parts.push(fault.stack ?? fault.message);
  }
  return parts.join('\n');
}

/**
 * Control characters escaped, and what turns the direction of writing: names in messages come from images and
 * requests, and a terminal obeys them.
 */
export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}

function causeMessage(error: DimgxError): string {
  const { cause } = error;
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map((inner) => (inner instanceof Error ? inner.message : String(inner))).join(', ');
  }
  if (cause instanceof Error) return tlsWords(cause) ?? cause.message;
  return typeof cause === 'string' ? cause : '';
}

/** Any thrown value as the error that the user is told, commander's and the service's faults included. */
export function reportedError(thrown: unknown): DimgxError {
  if (!(thrown instanceof CommanderError)) return faultOf(thrown);
  if (thrown.code === 'commander.help')
    return new DimgxError('USAGE', 'no command given; dimgx --help lists them');
  return new DimgxError('USAGE', thrown.message.replace(/^error: /, ''));
}
