/** A set of texts that an automaton reads along unit by unit. */

export class WordTrie {
  /** Of each node: unit → node. Node 0 is the root. */
  private readonly children: Map<number, number>[] = [new Map<number, number>()];
  private readonly ends = new Set<number>();

  constructor(words: Iterable<string>) {
    for (const word of words) {
      let node = 0;
      for (let offset = 0; offset < word.length; offset++) node = this.grow(node, word, offset);
      if (word !== '') this.ends.add(node);
    }
  }

  /** The node after one more unit, or -1 where no word goes on so. */
  next(node: number, unit: number): number {
    return this.children[node]?.get(unit) ?? -1;
  }

  /** Whether a whole word has been read. */
  isWord(node: number): boolean {
    return this.ends.has(node);
  }

  private grow(node: number, word: string, offset: number): number {
    const unit = word.charCodeAt(offset);
    const known = this.children[node]?.get(unit);
    if (known !== undefined) return known;
    const added = this.children.push(new Map()) - 1;
    this.children[node]?.set(unit, added);
    return added;
  }
}
