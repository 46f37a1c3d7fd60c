import type { StoredArtifact } from '@dimgx/client';
import { element } from '../elements.ts';
import { addressOf, type Place } from '../place.ts';
import { bytesText, timeText } from '../quantities.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import type { View } from '../view.ts';

/** What the store holds, for the image of the address or in all. */
export function artifactsView({ query }: Place): View {
  const image = query.get('image') ?? '';
  const table = artifactTable();
  const pages = element('p');
  return {
    title: 'Artifacts',
    element: element('section', {}, element('h1', {}, 'Artifacts'), filterForm(image), table.element, pages),
    async refresh(signal) {
      const wanted = { image: image || undefined, cursor: query.get('cursor') ?? undefined };
      const { items, nextCursor } = await service()
        .artifacts.list({ ...wanted, signal })
        .page();
      table.show(items);
      const next = addressOf('artifacts', undefined, { image, cursor: nextCursor });
      pages.replaceChildren(...(nextCursor === undefined ? [] : [element('a', { href: next }, 'More')]));
    },
  };
}

function artifactTable(): Table<StoredArtifact> {
  return new Table<StoredArtifact>(
    [
      { title: 'Key', kind: 'image', cell: ({ artifact }) => element('code', {}, artifact.key) },
      { title: 'Image', kind: 'image', cell: ({ image }) => image.reference },
      { title: 'Platform', cell: ({ image }) => image.platform },
      { title: 'Size', kind: 'number', cell: ({ artifact }) => bytesText(artifact.size) },
      { title: 'Uncompressed', kind: 'number', cell: ({ artifact }) => bytesText(artifact.uncompressedSize) },
      { title: 'Stored', kind: 'number', cell: ({ storedAt }) => timeText(storedAt) },
    ],
    ({ artifact }) => artifact.key,
    'The store has nothing like that.',
  );
}

function filterForm(image: string): HTMLElement {
  const input = element('input', {
    type: 'text',
    placeholder: 'image, such as debian:12',
    'aria-label': 'Image',
  });
  input.value = image;
  const submit = (event: Event): void => {
    event.preventDefault();
    location.hash = addressOf('artifacts', undefined, { image: input.value });
  };
  return element('form', { class: 'actions', submit }, input, element('button', {}, 'Find'));
}
