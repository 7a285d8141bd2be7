/** Which calls are written down one by one when there are more than anybody reads; all of them are in the counts. */

export interface SamplerOptions {
  /** In a second: so many are all let through. */
  readonly all: number;
  /** How many are let through of each second after one that had more. */
  readonly sample: number;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Lets everything through, or an even sample of each second as long as there is too much. */
export class Sampler {
  private readonly options: SamplerOptions;
  private windowAt = -Infinity;
  private seen = 0;
  private admitted = 0;
  private every = 1;

  constructor(options: SamplerOptions) {
    this.options = options;
  }

  admit(): boolean {
    const { all, sample, clock } = this.options;
    const now = clock();
    if (now - this.windowAt >= 1000) {
      const isNext = now - this.windowAt < 2000;
      this.every = isNext && this.seen > all ? Math.ceil(this.seen / sample) : 1;
      this.windowAt = now;
      this.seen = 0;
      this.admitted = 0;
    }
    const isTurn = this.seen++ % this.every === 0;
    if (!isTurn || this.admitted >= (this.every === 1 ? all : sample)) return false;
    this.admitted++;
    return true;
  }
}
