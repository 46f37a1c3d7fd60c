/** How long back the rate looks: long enough to be calm, short enough to tell of a stall. */
const windowMs = 5000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Bytes a second over the last few seconds of one phase. */
export class Rate {
  private readonly samples: Sample[] = [];

  add(at: number, bytes: number): void {
    this.samples.push({ at, bytes });
    // The newest sample outside the window stays: it is where the window begins.
    while ((this.samples[1]?.at ?? at) < at - windowMs) this.samples.shift();
  }

  get bytesPerSecond(): number {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return 0;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }

  /** A new phase counts its bytes from nothing. */
  restart(): void {
    this.samples.length = 0;
  }
}
