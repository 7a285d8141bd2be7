/** How many templates hold a gram, about: a count-min sketch, which never says too few. */

/** Counters for each template and row. A template has about 100 grams, most of them shared. */
const COUNTERS_PER_TEMPLATE = 4;
const GOLDEN = 0x85ebca6b;

/** Adding and removing are exact opposites. Memory: 32 bytes for each template of the capacity. */
export class FrequencySketch {
  readonly capacity: number;
  private readonly counters: Uint32Array;
  private readonly width: number;
  private readonly shift: number;

  /** `capacity`: a power of two, the number of templates from which on counts begin to blur. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.width = capacity * COUNTERS_PER_TEMPLATE;
    this.shift = Math.clz32(this.width) + 1;
    this.counters = new Uint32Array(2 * this.width);
  }

  add(ids: readonly number[], times: 1 | -1): void {
    for (const id of ids) {
      const first = id >>> this.shift;
      const second = this.width + (Math.imul(id, GOLDEN) >>> this.shift);
      this.counters[first] = (this.counters[first] ?? 0) + times;
      this.counters[second] = (this.counters[second] ?? 0) + times;
    }
  }

  estimate(id: number): number {
    const first = this.counters[id >>> this.shift] ?? 0;
    const second = this.counters[this.width + (Math.imul(id, GOLDEN) >>> this.shift)] ?? 0;
    return Math.min(first, second);
  }
}
