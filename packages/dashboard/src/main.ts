import { ServiceError } from '@dimgx/client';
import { askForKey } from './key-dialog.ts';
import { notice } from './notice.ts';
import { type Place, placeOf } from './place.ts';
import { faultText, session } from './service.ts';
import { zoneText } from './times.ts';
import type { View } from './view.ts';
import { artifactsView } from './views/artifacts.ts';
import { batchView } from './views/batch.ts';
import { batchesView } from './views/batches.ts';
import { jobView } from './views/job.ts';
import { jobsView } from './views/jobs.ts';
import { nothingView } from './views/nothing.ts';
import { scheduleView } from './views/schedule.ts';
import { schedulesView } from './views/schedules.ts';
import { triggersView } from './views/triggers.ts';
import { workersView } from './views/workers.ts';

const refreshEvery = 2000;
/** After a fault. */
const retryAfter = 5000;
/** A connection can be lost without anybody being told, such as while a computer sleeps. */
const longestSilence = 20_000;

const rooms: Readonly<Record<string, (place: Place) => View>> = {
  jobs: (place) => (place.id === undefined ? jobsView(place) : jobView(place.id)),
  batches: (place) => (place.id === undefined ? batchesView(place) : batchView(place.id)),
  schedules: ({ id }) => (id === undefined ? schedulesView() : scheduleView(id)),
  triggers: triggersView,
  artifacts: artifactsView,
  workers: workersView,
};

const main = document.querySelector('main');
let leaving = new AbortController();

function open(isMove: boolean): void {
  leaving.abort();
  leaving = new AbortController();
  const place = placeOf(location.hash);
  const view = viewAt(place);
  notice('');
  document.title = `${view.title} – dimgx`;
  main?.replaceChildren(view.element);
  // Who reads by ear or by keys goes on where the new view begins.
  if (isMove) main?.focus({ preventScroll: true });
  if (isMove) scrollTo(0, 0);
  for (const link of document.querySelectorAll('.rooms a')) {
    if (link.getAttribute('href') === `#/${place.room}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  void keepFresh(view, leaving.signal);
}

function viewAt(place: ReturnType<typeof placeOf>): View {
  const room = Object.hasOwn(rooms, place.room) ? rooms[place.room] : undefined;
  return room === undefined ? nothingView(place.room) : room(place);
}

/** Shows how things stand, again and again while somebody looks. */
async function keepFresh(view: View, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const fault = await faultOf(view, signal);
    if (signal.aborted) return;
    showFault(fault);
    if (isUnauthorized(fault)) {
      const why = session.key === undefined ? undefined : faultText(fault);
      // Who does not want to give one is not asked again before looking at something else.
      if (!(await askForKey(why))) return;
    } else await pause(fault === undefined ? refreshEvery : retryAfter, signal);
  }
}

/** Undefined if all is well. */
async function faultOf(view: View, signal: AbortSignal): Promise<unknown> {
  const silence = AbortSignal.timeout(longestSilence);
  try {
    await view.refresh(AbortSignal.any([signal, silence]));
    return undefined;
  } catch (error) {
    if (error !== silence.reason) return error;
    return new Error(`the service has not answered for ${longestSilence / 1000} seconds`);
  }
}

let isWell = true;

/** What is on the page is old until it is well again. */
function showFault(fault: unknown): void {
  if (fault !== undefined) notice(`${faultText(fault)}${wayOut(fault)}`, 'fault');
  else if (!isWell) notice('');
  isWell = fault === undefined;
  main?.classList.toggle('old', !isWell);
}

function wayOut(fault: unknown): string {
  if (!(fault instanceof ServiceError)) return '';
  if (fault.code === 'UNAUTHORIZED' || fault.code === 'FORBIDDEN') return ' (Key, above, takes another one)';
  return fault.retryable ? ' (this page goes on by itself)' : '';
}

function isUnauthorized(fault: unknown): boolean {
  return fault instanceof ServiceError && fault.status === 401;
}

/** Ends with the time, or at once when the view is left; while the page is hidden it goes on. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      if (!document.hidden || signal.aborted) resolve();
      else document.addEventListener('visibilitychange', () => resolve(), { once: true });
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}

document.querySelector('#zone')?.append(zoneText());
document.querySelector('#key')?.addEventListener('click', async () => {
  if (await askForKey()) open(false);
});
addEventListener('hashchange', () => open(true));
open(false);
