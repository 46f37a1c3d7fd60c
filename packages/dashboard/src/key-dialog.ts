import { element } from './elements.ts';
import { session } from './service.ts';

let asking: Promise<boolean> | undefined;

/**
 * Asks for an API key and keeps it for the tab; `why` says what is wrong with the one that there is. Resolves when the
 * dialog is closed: whether there is another key now, or none any more.
 */
export function askForKey(why?: string): Promise<boolean> {
  asking ??= ask(why).finally(() => {
    asking = undefined;
  });
  return asking;
}

function ask(why: string | undefined): Promise<boolean> {
  const input = element('input', {
    type: 'password',
    id: 'key-input',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    // What a header can carry.
    pattern: '\\s*[!-~]+\\s*',
    title: 'letters, digits and signs of ASCII, without spaces',
    value: session.key ?? '',
    'aria-describedby': why === undefined ? undefined : 'key-fault',
    'aria-invalid': why === undefined ? undefined : 'true',
  });
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'key-title' },
    element('h2', { id: 'key-title' }, 'API key'),
    why !== undefined && element('p', { id: 'key-fault', class: 'fault' }, why),
    element(
      'p',
      { class: 'quiet' },
      'It is kept for this tab alone. Make one with ',
      element('code', {}, 'dimgx keys create'),
      '.',
    ),
    element(
      'form',
      { method: 'dialog' },
      element('label', { for: 'key-input', class: 'quiet' }, 'Key'),
      element('p', {}, input),
      element('p', { class: 'actions' }, ...buttons()),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  input.select();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const choice = dialog.returnValue;
      if (choice === 'use') session.key = input.value.trim();
      if (choice === 'forget') session.key = undefined;
      dialog.remove();
      resolve(choice === 'use' || choice === 'forget');
    });
  });
}

function buttons(): HTMLElement[] {
  const other = (value: string, text: string) => element('button', { value, formnovalidate: true }, text);
  const forget = session.key === undefined ? [] : [other('forget', 'Forget it')];
  return [element('button', { value: 'use', class: 'main' }, 'Use it'), ...forget, other('cancel', 'Cancel')];
}
