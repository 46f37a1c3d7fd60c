import { element } from '../elements.ts';
import { attempt } from '../notice.ts';
import { addressOf } from '../place.ts';
import { service } from '../service.ts';

const algorithms = ['zstd', 'gzip', 'xz', 'bzip2', 'none'] as const;

/** Submits one image; what else a request may say is for the command and the API. */
export function submitForm(): HTMLElement {
  const image = element('input', { type: 'text', required: true, placeholder: 'docker-daemon:debian:12' });
  image.setAttribute('aria-label', 'Image to flatten');
  const algorithm = element(
    'select',
    { 'aria-label': 'Compression' },
    ...algorithms.map((name) => element('option', {}, name)),
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    void attempt(async () => {
      const chosen = algorithms[algorithm.selectedIndex] ?? 'zstd';
      const { id } = await service().jobs.submit({
        image: image.value,
        compression: { algorithm: chosen },
      });
      location.hash = addressOf('jobs', id);
      return `${image.value} was submitted`;
    });
  };
  return element(
    'form',
    { class: 'actions', submit },
    image,
    algorithm,
    element('button', { class: 'main' }, 'Flatten'),
  );
}
