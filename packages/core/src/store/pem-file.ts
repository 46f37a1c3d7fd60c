import { readFileSync } from 'node:fs';
import { DimgxError, systemWords } from '../errors.ts';

/** Who may have signed a server's certificate: those of the file that a setting names, else Node's and the system's. */
export function authorities(setting: string, file: string | undefined): string | string[] {
  return file === undefined ? everydayAuthorities() : readPem(setting, file);
}

/** Node's own, those of NODE_EXTRA_CA_CERTS, and those that this system trusts. */
function everydayAuthorities(): string[] {
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

/** The text of the PEM file that a setting names. Throws `CONFIG_INVALID`. */
export function readPem(setting: string, file: string): string {
  const text = textOf(setting, file);
  // Without one, nobody would be trusted and no key found, which is told only when a connection fails.
  if (text.includes('-----BEGIN ')) return text;
  throw new DimgxError('CONFIG_INVALID', `${setting} ${file} holds no PEM`);
}

function textOf(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `${setting} ${file} can't be read: ${systemWords(cause)}`;
    throw new DimgxError('CONFIG_INVALID', message, { cause });
  }
}
