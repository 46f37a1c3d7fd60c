import { element } from '../elements.ts';
import { addressOf } from '../place.ts';

/** Links to the first page of a list and to the next one: `next` is its cursor, or empty. */
export function pageLinks(
  room: string,
  chosen: Readonly<Record<string, string | undefined>>,
  { cursor, next }: { readonly cursor: string | undefined; readonly next: string },
): HTMLElement[] {
  const link = (text: string, at: string | undefined) =>
    element('a', { class: 'button', href: addressOf(room, undefined, { ...chosen, cursor: at }) }, text);
  return [
    ...(cursor === undefined ? [] : [link('First page', undefined)]),
    ...(next === '' ? [] : [link('Next page', next)]),
  ];
}
