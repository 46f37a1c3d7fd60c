import type { Job, LogLine } from '@dimgx/queue';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { addressOf } from '../place.ts';
import { bytesText, durationText, timeText } from '../quantities.ts';
import { type Page, Refusal, service } from '../service.ts';
import type { View } from '../view.ts';
import { progressOf } from './job-table.ts';
import { resultOf } from './result.ts';

/** One job: how it stands, what came of it, and its log. */
export function jobView(id: string): View {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  const body = element('div');
  const log = element('pre');
  let shown = '';
  const lines: LogLine[] = [];
  return {
    title: id,
    element: element('section', {}, body, element('h2', {}, 'Log'), log),
    async refresh(signal) {
      const job = await service.get<Job>(path, signal);
      const text = JSON.stringify(job);
      if (text !== shown) body.replaceChildren(...describe(job, path));
      shown = text;
      lines.push(...(await newLines(path, lines.at(-1)?.id, signal)));
      const written = lines.map(lineText).join('\n');
      if (log.textContent !== written) log.textContent = written;
    },
  };
}

function describe(job: Job, path: string): Node[] {
  const { request, state, progress, error } = job;
  return [
    element('h1', {}, request.image),
    element('p', { class: 'actions' }, stateOf(state), progressOf(job), ...actionsOf(job, path)),
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

function actionsOf({ id, state, kind }: Job, path: string): HTMLElement[] {
  if (state === 'queued' || state === 'active') {
    return [
      action('Cancel', () =>
        attempt(() => service.send('DELETE', path).then(() => `job ${id} is cancelled`)),
      ),
    ];
  }
  const again = action('Do it again', () =>
    attempt(async () => {
      const job = await service.send<Job>('POST', `${path}/retry`);
      location.hash = addressOf('jobs', job.id);
      return 'submitted once more';
    }),
  );
  // A link can't carry a key.
  if (state !== 'completed' || kind !== 'flatten' || service.key !== null) return [again];
  return [element('a', { class: 'button', href: `${path}/artifact` }, 'Download'), again];
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
  path: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  try {
    const cursor = after === undefined ? '' : `?cursor=${encodeURIComponent(after)}`;
    return (await service.get<Page<LogLine>>(`${path}/logs${cursor}`, signal)).items;
  } catch (error) {
    if (error instanceof Refusal && error.status === 410) return [];
    throw error;
  }
}

function lineText({ at, level, phase, message }: LogLine): string {
  return `${new Date(at).toLocaleTimeString()}  ${level.padEnd(5)} ${(phase ?? '').padEnd(8)} ${message}`;
}
