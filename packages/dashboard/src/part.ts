/**
 * A part of a view that stays the same elements while what it shows does: focus, selection and a click that has begun are
 * not lost when the rest changes.
 */
export class Part<T> {
  readonly element: HTMLElement;
  readonly #make: (shown: T) => readonly (Node | string)[];
  #text: string | undefined;

  constructor(element: HTMLElement, make: (shown: T) => readonly (Node | string)[]) {
    this.element = element;
    this.#make = make;
  }

  show(what: T): void {
    const text = JSON.stringify(what);
    if (text !== this.#text) this.element.replaceChildren(...this.#make(what));
    this.#text = text;
  }
}
