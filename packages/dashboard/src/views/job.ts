import { type Job, type LogLine, ServiceError } from '@dimgx/client';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { Part } from '../part.ts';
import { addressOf } from '../place.ts';
import { durationText } from '../quantities.ts';
import { service, session } from '../service.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';
import { JobProgress } from './job-progress.ts';
import { resultOf } from './result.ts';

/** One job: how it stands, what came of it, and its log. */
export function jobView(id: string): View {
  const heading = element('h1', {}, 'Job');
  const actions = new Part(element('p', { class: 'actions' }), (job: Job) => [
    stateOf(job.state),
    ...actionsOf(job),
  ]);
  const fault = new Part(element('p', { class: 'fault' }), (text: string) => [text]);
  const progress = new JobProgress();
  const description = new Part(element('div'), (job: Job) => [
    ...resultOf(job),
    element('h2', {}, 'Job'),
    factsOf(job),
  ]);
  const log = element('pre', { 'aria-label': 'Log', tabindex: 0 });
  const known = element(
    'div',
    { hidden: true },
    actions.element,
    fault.element,
    progress.element,
    description.element,
  );
  known.append(element('h2', {}, 'Log'), log);
  const lines: LogLine[] = [];
  return {
    title: `Job ${id}`,
    element: element('section', {}, heading, known),
    async refresh(signal) {
      const job = await service().jobs.get(id, { signal });
      heading.textContent = job.request.image;
      known.hidden = false;
      actions.show(withoutProgress(job));
      fault.show(job.error === undefined ? '' : `${job.error.code}: ${job.error.message}`);
      progress.show(job);
      description.show(withoutProgress(job));
      lines.push(...(await newLines(id, lines.at(-1)?.id, signal)));
      const written = lines.length === 0 ? 'nothing yet' : lines.map(lineText).join('\n');
      if (log.textContent !== written) log.textContent = written;
    },
  };
}

/** What does not change several times a second. */
function withoutProgress(job: Job): Job {
  return { ...job, progress: { phase: 'resolve', bytes: 0, entries: 0 } };
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
    ['Submitted', timeOf(job.createdAt)],
    ['Begun', startedAt && timeOf(startedAt)],
    ['Ended', finishedAt && timeOf(finishedAt)],
    ['Took', took !== false && durationText(took)],
    ['Kept until', job.expiresAt && timeOf(job.expiresAt)],
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
