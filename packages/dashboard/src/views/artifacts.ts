import type { StoredArtifact } from '@dimgx/client';
import { element } from '../elements.ts';
import { Part } from '../part.ts';
import { addressOf, type Place } from '../place.ts';
import { bytesText } from '../quantities.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';
import { pageLinks } from './page-links.ts';

/** What the store holds, for the image of the address or in all. */
export function artifactsView({ query }: Place): View {
  const image = query.get('image') ?? '';
  const table = artifactTable();
  const cursor = query.get('cursor') ?? undefined;
  const pages = new Part(element('nav', { class: 'actions', 'aria-label': 'Pages' }), (next: string) =>
    pageLinks('artifacts', { image }, { cursor, next }),
  );
  return {
    title: 'Artifacts',
    element: element(
      'section',
      {},
      element('h1', {}, 'Artifacts'),
      filterForm(image),
      table.element,
      pages.element,
    ),
    async refresh(signal) {
      const { items, nextCursor } = await service()
        .artifacts.list({ image: image || undefined, cursor, signal })
        .page();
      table.show(items);
      pages.show(nextCursor ?? '');
    },
  };
}

function artifactTable(): Table<StoredArtifact> {
  return new Table<StoredArtifact>(
    'Artifacts',
    [
      { title: 'Key', kind: 'image', cell: ({ artifact }) => element('code', {}, artifact.key) },
      { title: 'Image', kind: 'image', cell: ({ image }) => image.reference },
      { title: 'Platform', cell: ({ image }) => image.platform },
      { title: 'Size', kind: 'number', cell: ({ artifact }) => bytesText(artifact.size) },
      { title: 'Uncompressed', kind: 'number', cell: ({ artifact }) => bytesText(artifact.uncompressedSize) },
      { title: 'Stored', kind: 'time', cell: ({ storedAt }) => timeOf(storedAt) },
    ],
    ({ artifact }) => artifact.key,
    'The store has nothing like that.',
  );
}

function filterForm(image: string): HTMLElement {
  const input = element('input', {
    type: 'search',
    placeholder: 'image, such as debian:12',
    'aria-label': 'Image to find',
  });
  input.value = image;
  const submit = (event: Event): void => {
    event.preventDefault();
    location.hash = addressOf('artifacts', undefined, { image: input.value });
  };
  return element('form', { class: 'actions', role: 'search', submit }, input, element('button', {}, 'Find'));
}
