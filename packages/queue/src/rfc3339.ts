import { z } from 'zod';

/** A moment as the API shows it. */
export const timeSchema = z.iso.datetime().describe('RFC 3339, UTC');

/** `time` in ms. */
export function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
