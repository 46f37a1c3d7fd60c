import { element } from './elements.ts';

export interface Column<T> {
  readonly title: string;
  readonly kind?: 'number' | 'image' | 'time';
  readonly cell: (item: T) => Node | string | number | undefined;
}

/** A table whose rows stay the same elements while their items do: a click is not lost when the others change. */
export class Table<T> {
  readonly element: HTMLElement;
  readonly #body = element('tbody', { role: 'rowgroup' });
  readonly #columns: readonly Column<T>[];
  readonly #keyOf: (item: T) => string;
  readonly #none: string;
  #rows = new Map<string, { readonly text: string; readonly row: HTMLElement }>();

  /** `name` is what screen readers call it; `none` is said when there are no items. */
  constructor(name: string, columns: readonly Column<T>[], keyOf: (item: T) => string, none: string) {
    this.#columns = columns;
    this.#keyOf = keyOf;
    this.#none = none;
    const heads = columns.map(({ title, kind }) =>
      element('th', { class: kind, scope: 'col', role: 'columnheader' }, title),
    );
    const head = element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads));
    // On narrow screens rows are shown as cards, which would take their roles from them were these not said.
    const table = element('table', { role: 'table', 'aria-label': name }, head, this.#body);
    this.element = element('div', { class: 'scroll' }, table);
  }

  show(items: readonly T[]): void {
    const rows = new Map(
      items.map((item) => {
        const [key, text] = [this.#keyOf(item), JSON.stringify(item)];
        const old = this.#rows.get(key);
        return [key, old?.text === text ? old : { text, row: this.#row(item) }];
      }),
    );
    this.#rows = rows;
    const wanted = items.length === 0 ? [this.#empty()] : [...rows.values()].map(({ row }) => row);
    const isSame =
      wanted.length === this.#body.children.length &&
      wanted.every((row, at) => row === this.#body.children[at]);
    if (!isSame) this.#body.replaceChildren(...wanted);
  }

  #row(item: T): HTMLElement {
    const cells = this.#columns.map(({ title, kind, cell }) =>
      element('td', { class: kind, role: 'cell', 'data-title': title }, cell(item)),
    );
    return element('tr', { role: 'row' }, ...cells);
  }

  #empty(): HTMLElement {
    const attributes = { colspan: this.#columns.length, class: 'none', role: 'cell' };
    return element('tr', { role: 'row' }, element('td', attributes, this.#none));
  }
}
