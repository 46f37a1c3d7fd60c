import { element } from './elements.ts';
import { session } from './service.ts';

let asking: Promise<void> | undefined;

/** Asks for an API key and keeps it for the tab. Resolves when the dialog is closed, with a key or without. */
export function askForKey(): Promise<void> {
  asking ??= ask().finally(() => {
    asking = undefined;
  });
  return asking;
}

function ask(): Promise<void> {
  const input = element('input', {
    type: 'password',
    id: 'key-input',
    autocomplete: 'off',
    spellcheck: 'false',
    value: session.key ?? '',
  });
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'key-title' },
    element('h2', { id: 'key-title' }, 'API key'),
    element(
      'p',
      {},
      'It is kept for this tab alone. Make one with ',
      element('code', {}, 'dimgx keys create'),
      '.',
    ),
    element(
      'form',
      { method: 'dialog' },
      element('label', { for: 'key-input', class: 'quiet' }, 'Key'),
      element('p', {}, input),
      element(
        'p',
        { class: 'actions' },
        element('button', { value: 'use' }, 'Use it'),
        element('button', { value: 'forget' }, 'Forget it'),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      if (dialog.returnValue === 'use') session.key = input.value.trim();
      if (dialog.returnValue === 'forget') session.key = undefined;
      dialog.remove();
      resolve();
    });
  });
}
