import { element } from '../elements.ts';
import type { View } from '../view.ts';

/** For an address that no view is at. */
export function nothingView(room: string): View {
  const text = `Nothing is at #/${room}; the views are named above.`;
  return {
    title: 'Nothing here',
    element: element('section', {}, element('h1', {}, 'Nothing here'), element('p', {}, text)),
    refresh: async () => undefined,
  };
}
