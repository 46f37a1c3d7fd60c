import { element } from './elements.ts';

export interface Column<T> {
  readonly title: string;
  readonly kind?: 'number' | 'image';
  readonly cell: (item: T) => Node | string | number | undefined;
}

/** A table whose rows stay the same elements while their items do: a click is not lost when the others change. */
export class Table<T> {
  readonly element: HTMLElement;
  readonly #body = element('tbody');
  readonly #columns: readonly Column<T>[];
  readonly #keyOf: (item: T) => string;
  readonly #none: string;
  #rows = new Map<string, { readonly text: string; readonly row: HTMLElement }>();

  /** `none` is said when there are no items. */
  constructor(columns: readonly Column<T>[], keyOf: (item: T) => string, none: string) {
    this.#columns = columns;
    this.#keyOf = keyOf;
    this.#none = none;
    const heads = columns.map(({ title, kind }) => element('th', { class: kind, scope: 'col' }, title));
    const table = element('table', {}, element('thead', {}, element('tr', {}, ...heads)), this.#body);
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
    return element(
      'tr',
      {},
      ...this.#columns.map(({ kind, cell }) => element('td', { class: kind }, cell(item))),
    );
  }

  #empty(): HTMLElement {
    return element('tr', {}, element('td', { colspan: this.#columns.length, class: 'none' }, this.#none));
  }
}
