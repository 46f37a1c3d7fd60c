import { z } from 'zod';

const maxUrl = 2048;
const maxPassthrough = 4096;

/** Of a request, where to tell its end. Whether the address may be reached depends on the service. */
export const callbackSchema = z
  .strictObject({
    url: z
      .string()
      .max(maxUrl)
      .refine((text) => URL.canParse(text), 'must be a URL such as https://example.org/hook'),
  })
  .describe('Where to send a signed webhook when the job has ended');

/** What the client wants to find again in the job and its callback. */
export const passthroughSchema = z
  .unknown()
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= maxPassthrough,
    `must be ${maxPassthrough} bytes of JSON at the most`,
  )
  .describe('Comes back in the job and in its callback as it is');
