import type { HookTools } from './hook.ts';

const hour = 60 * 60 * 1000;
const mostKept = 32;

/** Keeps what was fetched for an hour: keys and certificates, which every request needs. What failed is not kept. */
export function keptTexts(fetchText: HookTools['fetchText']): HookTools['fetchText'] {
  const kept = new Map<string, { readonly text: Promise<string>; readonly until: number }>();
  return (url) => {
    const known = kept.get(url.href);
    if (known !== undefined && known.until > Date.now()) return known.text;
    const text = fetchText(url);
    kept.delete(url.href);
    kept.set(url.href, { text, until: Date.now() + hour });
    text.catch(() => kept.delete(url.href));
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
    return text;
  };
}
