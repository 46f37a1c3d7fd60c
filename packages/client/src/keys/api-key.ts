/** What a key may be used for: to look, to submit work, to change what is there, or all, keys included. */
export type Scope = 'read' | 'submit' | 'manage' | 'admin';

/** The body of `POST /v1/keys`. */
export interface ApiKeyRequest {
  /** For people: what the key is for. */
  readonly name: string;
  /** `read` and `submit` unless given. */
  readonly scopes?: readonly Scope[];
  /** RFC 3339, in the future: after which it opens nothing any more. Never unless given. */
  readonly expiresAt?: string;
}

/** What is told of a key: all but the key itself. Times are RFC 3339 in UTC. */
export interface ApiKey {
  /** The key begins with `dimgx_` and this. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** To the minute. */
  readonly lastUsedAt?: string;
}

/** A key as its making tells it. */
export interface NewApiKey extends ApiKey {
  /** The key itself, told this once. */
  readonly key: string;
}
