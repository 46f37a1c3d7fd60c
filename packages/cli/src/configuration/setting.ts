import { z } from 'zod';

/** What a setting is, for the docs and for messages; how it is checked stands in its schema. */
export interface Setting {
  /** Its environment variable. */
  readonly variable: string;
  /** The option that goes before the variable, on the commands that have it. */
  readonly flag?: string;
  readonly meaning: string;
  /** In words, where it is not a fixed value. */
  readonly default?: string;
  readonly example: string;
  /** Its value is never shown, as it is a secret or may hold one. */
  readonly hidden?: true;
}

/** What each schema of the configuration stands for. */
export const settings = z.registry<Setting>();

export function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => min <= value && value <= max, message);
}

/** Parts between separators; blanks around them don't count. */
export function list(separator: string, part: z.ZodType<string, string>) {
  return z
    .string()
    .transform((text) => text.split(separator).map((entry) => entry.trim()))
    .pipe(z.array(part));
}

export function urlOf(protocols: readonly string[], message: string) {
  return z.string().refine((text) => {
    const url = URL.parse(text);
    return url !== null && protocols.includes(url.protocol) && (url.host !== '' || url.protocol === 'unix:');
  }, message);
}

/** Errors repeat URLs. */
export function hasNoUser(text: string): boolean {
  const { username, password } = URL.parse(text) ?? { username: '', password: '' };
  return username === '' && password === '';
}

export function yesOrNo() {
  return z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
}
