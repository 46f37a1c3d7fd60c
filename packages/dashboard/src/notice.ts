import { ServiceError } from '@dimgx/client';
import { faultText } from './service.ts';

const line = document.querySelector<HTMLElement>('#notice');

/** Says one line above the view; with nothing to say it is not to be seen. */
export function notice(text: string, kind: 'fault' | 'word' = 'word'): void {
  if (line === null) return;
  line.textContent = text;
  line.classList.toggle('fault', kind === 'fault');
}

/** Runs what a user asked for and says what came of it. */
export async function attempt(work: () => Promise<string>): Promise<void> {
  try {
    notice(await work());
  } catch (error) {
    notice(faultText(error), 'fault');
    if (!(error instanceof ServiceError)) console.error(error);
  }
}
