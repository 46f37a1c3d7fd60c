import type { Job } from '@dimgx/client';
import { element } from '../elements.ts';
import { bytesText, countText } from '../quantities.ts';

/** How far a job is: each phase is said to screen readers, what is done of it shown as a bar and in numbers. */
export class JobProgress {
  readonly element: HTMLElement;
  readonly #said = element('span', { role: 'status' });
  readonly #bar = element('progress', { 'aria-label': 'Of this phase' });
  readonly #done = element('span', { class: 'quiet' });

  constructor() {
    this.element = element('div', { class: 'progress' }, this.#said, this.#bar, this.#done);
  }

  show({ state, progress: { phase, bytes, totalBytes, entries } }: Job): void {
    const isActive = state === 'active';
    const said = isActive ? phase : `the job is ${state}`;
    // The same said again would be read again.
    if (this.#said.textContent !== said) this.#said.textContent = said;
    this.element.classList.toggle('unseen', !isActive);
    if (totalBytes === undefined) this.#bar.removeAttribute('value');
    else {
      this.#bar.max = Math.max(1, totalBytes);
      this.#bar.value = totalBytes === 0 ? 1 : bytes;
    }
    const all = totalBytes === undefined ? '' : ` of ${bytesText(totalBytes)}`;
    this.#done.textContent = `${bytesText(bytes)}${all}${entries === 0 ? '' : `, ${countText(entries, 'entry', 'entries')}`}`;
  }
}
