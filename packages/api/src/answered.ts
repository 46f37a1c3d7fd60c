import type { FastifyReply } from 'fastify';

/** As nginx has it: who asked has gone before there was an answer. */
const clientGone = 499;

/**
 * Calls `done` with the status once the answer has been sent, or who asked has gone: Fastify's onResponse knows no more
 * of a connection that breaks, as each stream of events does that its reader has had enough of.
 */
export function whenAnswered({ raw }: FastifyReply, done: (status: number) => void): void {
  raw.once('close', () => done(raw.headersSent ? raw.statusCode : clientGone));
}
