/**
 * Whether a text matches a glob: `*` is any part of a component, `**` of the whole, `?` one character; a component ends
 * at a slash. The time it takes is bounded by the product of the two lengths, whatever they are.
 */
export function globMatches(glob: string, text: string): boolean {
  const parts = glob.match(/\*\*|[\s\S]/g) ?? [];
  // Which beginnings of the text the parts so far can match, by length.
  let reached = [true, ...Array.from(text, () => false)];
  for (const part of parts)
    reached = part.startsWith('*') ? spread(part, text, reached) : step(part, text, reached);
  return reached.at(-1) === true;
}

function spread(part: string, text: string, reached: readonly boolean[]): boolean[] {
  let isOpen = false;
  return reached.map((isReached, length) => {
    const crosses = part === '**' || text[length - 1] !== '/';
    isOpen = isReached || (isOpen && crosses);
    return isOpen;
  });
}

function step(part: string, text: string, reached: readonly boolean[]): boolean[] {
  return reached.map((_, length) => {
    if (length === 0 || reached[length - 1] !== true) return false;
    const letter = text[length - 1];
    return part === '?' ? letter !== '/' : letter === part;
  });
}
