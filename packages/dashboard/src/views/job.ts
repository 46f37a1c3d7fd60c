import { type Job, type LogLine, ServiceError } from '@dimgx/client';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { addressOf } from '../place.ts';
import { bytesText, durationText, timeText } from '../quantities.ts';
import { service, session } from '../service.ts';
import type { View } from '../view.ts';
import { progressOf } from './job-table.ts';
import { resultOf } from './result.ts';

/** One job: how it stands, what came of it, and its log. */
export function jobView(id: string): View {
  const body = element('div');
  const log = element('pre');
  let shown = '';
  const lines: LogLine[] = [];
  return {
    title: id,
    element: element('section', {}, body, element('h2', {}, 'Log'), log),
    async refresh(signal) {
      const job = await service().jobs.get(id, { signal });
      const text = JSON.stringify(job);
      if (text !== shown) body.replaceChildren(...describe(job));
      shown = text;
      lines.push(...(await newLines(id, lines.at(-1)?.id, signal)));
      const written = lines.map(lineText).join('\n');
      if (log.textContent !== written) log.textContent = written;
    },
  };
}

function describe(job: Job): Node[] {
  const { request, state, progress, error } = job;
  return [
    element('h1', {}, request.image),
    element('p', { class: 'actions' }, stateOf(state), progressOf(job), ...actionsOf(job)),
    ...(state === 'active' ? [bar(progress)] : []),
    ...(error === undefined ? [] : [element('p', { class: 'fault' }, `${error.code}: ${error.message}`)]),
    ...resultOf(job),
    element('h2', {}, 'Job'),
    factsOf(job),
  ];
}

function bar({ bytes, totalBytes }: Job['progress']): HTMLElement {
  return element('progress', totalBytes === undefined ? {} : { max: totalBytes, value: bytes });
}

function actionsOf({ id, state, kind }: Job): HTMLElement[] {
  if (state === 'queued' || state === 'active') {
    return [
      action('Cancel', () =>
        attempt(() =>
          service()
            .jobs.cancel(id)
            .then(() => `job ${id} is cancelled`),
        ),
      ),
    ];
  }
  const again = action('Do it again', () =>
    attempt(async () => {
      const job = await service().jobs.retry(id);
      location.hash = addressOf('jobs', job.id);
      return 'submitted once more';
    }),
  );
  // A link can't carry a key.
  if (state !== 'completed' || kind !== 'flatten' || session.key !== undefined) return [again];
  return [
    element('a', { class: 'button', href: `/v1/jobs/${encodeURIComponent(id)}/artifact` }, 'Download'),
    again,
  ];
}

function factsOf(job: Job): HTMLElement {
  const { request, startedAt, finishedAt } = job;
  const labels = Object.entries(request.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const took =
    startedAt !== undefined && finishedAt !== undefined && Date.parse(finishedAt) - Date.parse(startedAt);
  const link = (room: string, id: string | undefined) =>
    id === undefined ? undefined : element('a', { href: addressOf(room, id) }, id);
  return facts([
    ['Id', element('code', {}, job.id)],
    ['Kind', job.kind],
    ['Pool', request.pool],
    ['Priority', request.priority],
    ['Platform', request.platform],
    ['Labels', labels.join(', ')],
    ['Attempts', job.attempts],
    ['Worker', job.worker],
    ['Batch', link('batches', job.batch)],
    ['Schedule', link('schedules', job.schedule)],
    ['Trigger', job.trigger],
    ['Does again', link('jobs', job.retryOf)],
    ['Submitted', timeText(job.createdAt)],
    ['Begun', startedAt && timeText(startedAt)],
    ['Ended', finishedAt && timeText(finishedAt)],
    ['Took', took !== false && durationText(took)],
    ['Kept until', job.expiresAt && timeText(job.expiresAt)],
    ['So far', job.state === 'active' && `${bytesText(job.progress.bytes)}, ${job.progress.entries} entries`],
  ]);
}

async function newLines(
  id: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  try {
    return (await service().jobs.logs(id, { cursor: after, signal }).page()).items;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'LOGS_EXPIRED') return [];
    throw error;
  }
}

function lineText({ at, level, phase, message }: LogLine): string {
  return `${new Date(at).toLocaleTimeString()}  ${level.padEnd(5)} ${(phase ?? '').padEnd(8)} ${message}`;
}
