/** What a key may be used for: to look, to have images done, to change what is there, or all, keys included. */
export const scopes = ['read', 'submit', 'manage', 'admin'] as const;

export type Scope = (typeof scopes)[number];

/** `admin` stands for all; the others for themselves alone. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || granted.includes('admin');
}
