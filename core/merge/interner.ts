/** Numbers for sequences of keys: the contexts of a hole compare as integers, exactly and without building texts. */
import type { Row } from './rows.ts';

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
}

/** What stands before and after each cell of each row. */
export interface Surroundings {
  readonly interner: Interner;
  /** For each row, the number of the cell's key. */
  readonly keys: readonly (readonly number[])[];
  /** For each row, at `i`: the sequence of the keys before `i`, and of those from `i` on. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
  /** How many rows begin with a sequence, or end with one. */
  readonly beginning: ReadonlyMap<number, number>;
  readonly ending: ReadonlyMap<number, number>;
}

/** The surroundings of all cells. Cost: linear in the cells. */
export function surroundingsOf(rows: readonly Row[]): Surroundings {
  const interner = new Interner();
  const beginning = new Map<number, number>();
  const ending = new Map<number, number>();
  const keys = rows.map(({ cells }) => cells.map((cell) => interner.key(cell.key)));
  const chain = (list: readonly number[], counts: Map<number, number>): number[] => {
    const ids = [0];
    for (const key of list) ids.push(interner.append(ids.at(-1) ?? 0, key));
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    return ids;
  };
  return {
    interner,
    keys,
    before: keys.map((list) => chain(list, beginning)),
    after: keys.map((list) => chain(list.toReversed(), ending).toReversed()),
    beginning,
    ending,
  };
}
