import picomatch from 'picomatch';

/**
 * What is wrong with a pattern of paths; undefined if nothing is. Brackets that do not pair match little but themselves,
 * so most often they are half of what was meant, and the tar would be empty.
 */
export function patternFault(pattern: string): string | undefined {
  // Made of a variable that was never set, it would leave out everything.
  if (pattern === '') return 'is empty; / is everything';
  try {
    picomatch.makeRe(pattern, { strictBrackets: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.startsWith('Missing')
      ? 'has brackets that do not pair; \\[ is the character itself'
      : `is none: ${error.message}`;
  }
}
