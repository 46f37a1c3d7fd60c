import { ServiceError } from '@dimgx/client';
import { askForKey } from './key-dialog.ts';
import { notice } from './notice.ts';
import { type Place, placeOf } from './place.ts';
import { faultText } from './service.ts';
import type { View } from './view.ts';
import { artifactsView } from './views/artifacts.ts';
import { batchView } from './views/batch.ts';
import { batchesView } from './views/batches.ts';
import { jobView } from './views/job.ts';
import { jobsView } from './views/jobs.ts';
import { scheduleView } from './views/schedule.ts';
import { schedulesView } from './views/schedules.ts';
import { triggersView } from './views/triggers.ts';
import { workersView } from './views/workers.ts';

const refreshEvery = 2000;
/** After a refusal. */
const retryAfter = 5000;

const rooms: Readonly<Record<string, (place: Place) => View>> = {
  jobs: (place) => (place.id === undefined ? jobsView(place) : jobView(place.id)),
  batches: ({ id }) => (id === undefined ? batchesView() : batchView(id)),
  schedules: ({ id }) => (id === undefined ? schedulesView() : scheduleView(id)),
  triggers: triggersView,
  artifacts: artifactsView,
  workers: workersView,
};

let leaving = new AbortController();

function open(): void {
  leaving.abort();
  leaving = new AbortController();
  const place = placeOf(location.hash);
  const view = (rooms[place.room] ?? jobsView)(place);
  notice('');
  document.title = `${view.title} – dimgx`;
  document.querySelector('main')?.replaceChildren(view.element);
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${place.room}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  void keepFresh(view, leaving.signal);
}

/** Shows how things stand, again and again while somebody looks. */
async function keepFresh(view: View, signal: AbortSignal): Promise<void> {
  let isWell = true;
  while (!signal.aborted) {
    try {
      await view.refresh(signal);
      if (!isWell) notice('');
      isWell = true;
    } catch (error) {
      if (signal.aborted) return;
      isWell = false;
      notice(faultText(error), 'fault');
      if (error instanceof ServiceError && error.status === 401) await askForKey();
    }
    await pause(isWell ? refreshEvery : retryAfter, signal);
  }
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

document.querySelector('#key')?.addEventListener('click', () => void askForKey().then(open));
addEventListener('hashchange', open);
open();
