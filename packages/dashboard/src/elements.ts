type Child = Node | string | number | undefined | false;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/**
 * An element. Children are nodes or text, never markup, so nothing that a service tells can become any. A function is a
 * listener of the event that its attribute names; an attribute that is `false` or undefined is left out.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...shown(children));
  return made;
}

function shown(children: readonly Child[]): (Node | string)[] {
  return children
    .filter((child) => child !== undefined && child !== false)
    .map((child) => (typeof child === 'number' ? String(child) : child));
}

/** A state by its name and colour. */
export function stateOf(state: string): HTMLElement {
  return element('span', { class: `state ${state}` }, state);
}

/** Names and values; those without a value are left out. */
export function facts(pairs: readonly (readonly [string, Child])[]): HTMLElement {
  const given = pairs.filter(([, value]) => value !== undefined && value !== false && value !== '');
  return element(
    'dl',
    {},
    ...given.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
}

/** A button that does nothing more while what it does is being done. */
export function action(label: string, run: () => Promise<void>): HTMLButtonElement {
  const button = element(
    'button',
    {
      type: 'button',
      click: () => {
        button.disabled = true;
        void run().finally(() => {
          button.disabled = false;
        });
      },
    },
    label,
  );
  return button;
}
