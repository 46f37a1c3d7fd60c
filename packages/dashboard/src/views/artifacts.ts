import type { FlattenReport } from '@dimgx/core';
import { element } from '../elements.ts';
import { addressOf, type Place } from '../place.ts';
import { bytesText, timeText } from '../quantities.ts';
import { type Page, service } from '../service.ts';
import { Table } from '../table.ts';
import type { View } from '../view.ts';

type StoredArtifact = Omit<FlattenReport, 'cached'> & { readonly storedAt: string };

/** What the store holds, for the image of the address or in all. */
export function artifactsView({ query }: Place): View {
  const image = query.get('image') ?? '';
  const table = artifactTable();
  const pages = element('p');
  return {
    title: 'Artifacts',
    element: element('section', {}, element('h1', {}, 'Artifacts'), filterForm(image), table.element, pages),
    async refresh(signal) {
      const wanted = new URLSearchParams(query);
      const { items, nextCursor } = await service.get<Page<StoredArtifact>>(
        `/v1/artifacts?${wanted}`,
        signal,
      );
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
