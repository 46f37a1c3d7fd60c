import { type Hook, headerOf } from '../hook.ts';
import { isAuthorized, isSame } from '../shown-secret.ts';
import { distribution } from './distribution.ts';

/**
 * GitLab's container registry, which is Distribution with its notifications (`registry['notifications']` of a GitLab of
 * one's own). GitLab's project webhooks tell nothing of images; their token is taken for who passes events on.
 */
export function gitlab(secret: string): Hook {
  return {
    ...distribution(secret),
    authenticate(request) {
      const isShown = [isAuthorized(request, secret), isSame(headerOf(request, 'x-gitlab-token'), secret)];
      return isShown.includes(true);
    },
  };
}
