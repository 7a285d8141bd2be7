/** Which calls get a row in the request log when there are more than the database should take. */

/** Lets about `perSecond` through in each second, spread over it as the second before was. */
export class Sampler {
  private readonly perSecond: number;
  private readonly clock: () => number;
  private windowAt = -Infinity;
  private seen = 0;
  private admitted = 0;
  private every = 1;

  /** `clock`: milliseconds. */
  constructor(perSecond: number, clock: () => number) {
    this.perSecond = perSecond;
    this.clock = clock;
  }

  admit(): boolean {
    const now = this.clock();
    if (now - this.windowAt >= 1000) {
      const isNext = now - this.windowAt < 2000;
      this.every = isNext ? Math.max(1, Math.ceil(this.seen / this.perSecond)) : 1;
      this.windowAt = now;
      this.seen = 0;
      this.admitted = 0;
    }
    const isTurn = this.seen++ % this.every === 0;
    if (!isTurn || this.admitted >= this.perSecond) return false;
    this.admitted++;
    return true;
  }
}
