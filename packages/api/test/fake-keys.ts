import { DimgxError } from '@dimgx/core';
import type { ApiKey, ApiKeyRequest, KeyUse } from '@dimgx/queue';

/** API keys in memory: the text of each is its id. */
export class FakeKeys {
  readonly keys = new Map<string, ApiKey>();
  readonly expired = new Set<string>();
  areMade = false;

  async create({ name, scopes, expiresAt }: ApiKeyRequest): Promise<{ apiKey: ApiKey; text: string }> {
    const id = `${this.keys.size + 1}`.padStart(12, '0');
    const apiKey: ApiKey = { id, name, scopes, createdAt: '2026-11-24T00:00:00.000Z', expiresAt };
    this.keys.set(id, apiKey);
    this.areMade = true;
    return { apiKey, text: id };
  }

  async list(): Promise<ApiKey[]> {
    return [...this.keys.values()];
  }

  async find(id: string): Promise<ApiKey> {
    const found = this.keys.get(id);
    if (found === undefined) throw new DimgxError('KEY_NOT_FOUND', `there is no API key ${id}`);
    return found;
  }

  async revoke(id: string): Promise<void> {
    await this.find(id);
    this.keys.delete(id);
  }

  async use(text: string): Promise<KeyUse> {
    const found = this.keys.get(text);
    if (found === undefined) return { state: 'unknown' };
    if (this.expired.has(text)) return { state: 'expired', id: text };
    return { state: 'known', id: text, scopes: found.scopes };
  }

  async areWanted(): Promise<boolean> {
    return this.areMade;
  }
}
