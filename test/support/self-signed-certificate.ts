import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface SelfSigned {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

/** A certificate (RFC 5280) for 127.0.0.1 that signed itself, good from yesterday until `to`. */
export function selfSigned(to = new Date(Date.now() + dayMs)): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const algorithm = sequence(identifier('2a864886f70d01010b'), der(0x05, Buffer.alloc(0)));
  const name = sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from('test')))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    ...[der(0x02, Buffer.from([1])), algorithm, name],
    sequence(time(new Date(to.getTime() - 2 * dayMs)), time(to)),
    ...[name, publicKey.export({ type: 'spki', format: 'der' })],
    der(0xa3, sequence(isAuthority, isLoopback)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('RSA-SHA256', body, privateKey)]);
  const whole = sequence(body, algorithm, der(0x03, signature)).toString('base64');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${whole}\n-----END CERTIFICATE-----\n`,
    privateKey,
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/** Basic constraints: it may sign, itself too. */
const isAuthority = extension('551d13', sequence(der(0x01, Buffer.from([0xff]))));
/** Subject alternative name: an address. */
const isLoopback = extension('551d11', sequence(der(0x87, Buffer.from([127, 0, 0, 1]))));

function extension(name: string, value: Buffer): Buffer {
  return sequence(identifier(name), der(0x04, value));
}

function identifier(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function time(at: Date): Buffer {
  return der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** Tag, length, value. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
