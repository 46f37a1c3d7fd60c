const blockBytes = 64;
const words = 64;
/** FIPS 180-4, 4.2.2 and 5.3.3: the fractions of the cube roots, and of the square roots, of the first primes. */
const constants = Int32Array.from(firstPrimes(words), (prime) => fraction(Math.cbrt(prime)));
const initial = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  return primes;
}

/** Its first 32 bits. */
function fraction(root: number): number {
  return (root % 1) * 2 ** 32;
}

/** SHA-256 of what comes in pieces, for where there is only Web Crypto, which takes all at once. Node has its own. */
export class Sha256 {
  readonly #hash = initial.slice();
  readonly #schedule = new Int32Array(words);
  readonly #block = new DataView(new ArrayBuffer(blockBytes));
  readonly #blockBytes = new Uint8Array(this.#block.buffer);
  #length = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const filled = this.#length % blockBytes;
      const taken = bytes.subarray(at, at + blockBytes - filled);
      this.#blockBytes.set(taken, filled);
      this.#length += taken.length;
      at += taken.length;
      if (filled + taken.length === blockBytes) this.#compress();
    }
  }

  /** The digest in hex; nothing may come after it. */
  hex(): string {
    const bits = 8 * this.#length;
    const filled = this.#length % blockBytes;
    // FIPS 180-4, 5.1.1: a bit, zeros, and the length up to the end of a block.
    const padding = new Uint8Array((filled < 56 ? blockBytes : 2 * blockBytes) - filled);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits % 2 ** 32);
    this.update(padding);
    return Array.from(this.#hash, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /** FIPS 180-4, 6.2.2. */
  #compress(): void {
    const w = this.#schedule;
    for (let t = 0; t < 16; t++) w[t] = this.#block.getUint32(4 * t);
    for (let t = 16; t < words; t++) {
      const early = w[t - 15];
      const late = w[t - 2];
      const sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
      const sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
      w[t] = (w[t - 16] + sigma0 + w[t - 7] + sigma1) | 0;
    }
    const hash = this.#hash;
    let [a, b, c, d] = [hash[0], hash[1], hash[2], hash[3]];
    let [e, f, g, h] = [hash[4], hash[5], hash[6], hash[7]];
    for (let t = 0; t < words; t++) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const first = (h + sum1 + ((e & f) ^ (~e & g)) + constants[t] + w[t]) | 0;
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    const added = [a, b, c, d, e, f, g, h];
    for (let at = 0; at < added.length; at++) hash[at] += added[at];
  }
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
