/** Numbers for sequences of keys: the contexts of a hole compare as integers, exactly and without building texts. */

/** Numbers for cell keys and for sequences of them, so that contexts compare as integers. */
export class Interner {
  private readonly keys = new Map<string, number>();
  private readonly pairs = new Map<number, number>();

  key(text: string): number {
    let id = this.keys.get(text);
    if (id === undefined) this.keys.set(text, (id = this.keys.size + 1));
    return id;
  }

  /** The number of a sequence with one more element; 0 is the empty sequence. */
  append(sequence: number, element: number): number {
    const pair = sequence * 2 ** 24 + element;
    let id = this.pairs.get(pair);
    if (id === undefined) this.pairs.set(pair, (id = this.pairs.size + 1));
    return id;
  }

  prefixes(keys: readonly number[]): number[] {
    const ids = [0];
    for (const key of keys) ids.push(this.append(ids.at(-1) ?? 0, key));
    return ids;
  }

  /** `suffixes[i]`: the sequence of the keys from `i` on, numbered from the back. */
  suffixes(keys: readonly number[]): number[] {
    const ids = Array.from({ length: keys.length + 1 }, () => 0);
    for (let i = keys.length - 1; i >= 0; i--) {
      ids[i] = this.append(ids[i + 1] ?? 0, keys[i] ?? 0);
    }
    return ids;
  }
}
