import { DimgxError } from '@dimgx/core';
import type { CallbackDelivery, CallbackEndpoint, Callbacks, DeliveryPage, Registration } from '@dimgx/queue';

const at = '2026-11-24T00:00:00.000Z';
export const deliveryId = '01234567-89ab-7cde-8f01-0123456789ab';

export const delivery: CallbackDelivery = {
  ...{
    id: deliveryId,
    endpoint: 'known',
    type: 'callback.ping',
    state: 'pending',
    attempts: [],
    createdAt: at,
  },
};

/** Callbacks in memory: one endpoint, `known` once it is registered. */
export class FakeCallbacks implements Omit<Callbacks, 'close'> {
  readonly asked: string[] = [];
  readonly pages: { limit: number; cursor: string | undefined }[] = [];
  #endpoint: CallbackEndpoint | undefined;

  async register(url: string): Promise<Registration> {
    this.asked.push(url);
    if (url.includes('intranet')) throw new DimgxError('ADDRESS_REFUSED', `${url} is refused`);
    if (this.#endpoint?.url === url) return { endpoint: this.#endpoint };
    this.#endpoint = { id: 'known', url, state: 'enabled', createdAt: at };
    return { endpoint: this.#endpoint, secret: 'whsec_0' };
  }

  async find(id: string): Promise<CallbackEndpoint> {
    if (id === 'known' && this.#endpoint !== undefined) return this.#endpoint;
    throw new DimgxError('CALLBACK_NOT_FOUND', `there is no callback endpoint ${id}`);
  }

  async list(): Promise<CallbackEndpoint[]> {
    return this.#endpoint === undefined ? [] : [this.#endpoint];
  }

  async forget(id: string): Promise<void> {
    await this.find(id);
    this.#endpoint = undefined;
  }

  async rotate(id: string): Promise<string> {
    await this.find(id);
    return 'whsec_1';
  }

  enable(id: string): Promise<CallbackEndpoint> {
    return this.find(id);
  }

  async ping(id: string): Promise<CallbackDelivery> {
    await this.find(id);
    return delivery;
  }

  async deliveries(id: string, limit: number, cursor?: string): Promise<DeliveryPage> {
    await this.find(id);
    this.pages.push({ limit, cursor });
    return { items: [delivery], nextCursor: deliveryId };
  }

  async delivery(endpoint: string, id: string): Promise<CallbackDelivery> {
    if (endpoint === 'known' && id === deliveryId) return delivery;
    throw new DimgxError('DELIVERY_NOT_FOUND', `there is no delivery ${id}`);
  }

  redeliver(endpoint: string, id: string): Promise<CallbackDelivery> {
    return this.delivery(endpoint, id);
  }
}
