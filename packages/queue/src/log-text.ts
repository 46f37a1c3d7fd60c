/** What a log line or an error of a job may hold at the most, in characters. */
const maxText = 1000;
/** As much is looked at: what is far behind is cut off anyway, and texts of images may be long. */
const maxRead = 4 * maxText;

const secrets: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // The user and password of a URL.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1…@'],
  // What signs a URL, and what people call their keys.
  [
    /\b((?:x-amz-)?(?:signature|credential|security-token)|token|secret|password|passwd|api[-_]?key)(=|: ?)[^\s&,;"']+/gi,
    '$1$2…',
  ],
  [/\b(authorization: ?(?:[a-z]+ )?)[^\s,;"']+/gi, '$1…'],
  [/\b(bearer )[\w.~+/-]{16,}=*/gi, '$1…'],
];

/**
 * A text as others may read it: one line, bounded, without control characters, and without what looks like a secret.
 * Messages hold none by the rules of the house; this is for those that quote others.
 */
export function logText(text: string): string {
  const lines = text.slice(0, maxRead).split('\n');
  const line = lines
    .map((each) => each.trim())
    .join(' ')
    .replaceAll(/\p{Cc}/gu, ' ');
  const clean = secrets.reduce((part, [pattern, instead]) => part.replaceAll(pattern, instead), line);
  return clean.length > maxText ? `${clean.slice(0, maxText)}…` : clean;
}
