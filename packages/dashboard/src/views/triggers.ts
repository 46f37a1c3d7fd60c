import type { Trigger } from '@dimgx/client';
import { element } from '../elements.ts';
import { addressOf } from '../place.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import type { View } from '../view.ts';

export function triggersView(): View {
  const table = new Table<Trigger>(
    'Triggers',
    [
      {
        title: 'Trigger',
        cell: ({ id }) => element('a', { href: addressOf('jobs', undefined, { trigger: id }) }, id),
      },
      { title: 'Registry', cell: ({ provider }) => provider },
      { title: 'Repositories', cell: ({ match }) => match.repositories.join(', ') },
      { title: 'Tags', cell: ({ match }) => match.tags.join(', ') },
      { title: 'Flattens', kind: 'image', cell: ({ job }) => job.image },
      { title: 'Hook', cell: ({ id }) => element('code', {}, `${location.origin}/v1/hooks/${id}`) },
    ],
    ({ id }) => id,
    'There is no trigger: PUT /v1/triggers/ID makes one.',
  );
  return {
    title: 'Triggers',
    element: element('section', {}, element('h1', {}, 'Triggers'), table.element),
    async refresh(signal) {
      table.show(await service().triggers.list({ signal }));
    },
  };
}
