import { z } from 'zod';
import { problemMediaType, statuses } from '../problems.ts';

const operationSchema = z.looseObject({ responses: z.record(z.string(), z.looseObject({})) });
const documentSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({}),
});
const problemSchema = z.object({
  description: z.enum(Object.keys(statuses)),
  content: z.object({ [problemMediaType]: z.unknown() }),
});

/** Has the operations of a document refer to one response for each code that has a status of an operation for itself. */
export function shareProblems(whole: object): object {
  const { paths, components, ...rest } = documentSchema.parse(whole);
  const shared: Record<string, object> = {};
  for (const { responses } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    for (const [status, response] of Object.entries(responses)) {
      const code = problemSchema.safeParse(response).data?.description;
      if (code === undefined) continue;
      shared[code] = response;
      responses[status] = { $ref: `#/components/responses/${code}` };
    }
  }
  const responses = Object.fromEntries(Object.entries(shared).sort());
  return { ...rest, paths, components: { ...components, responses } };
}
