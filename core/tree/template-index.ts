/**
 * The templates below one parent that share a skeleton, found by the rarest grams of their literals, so
 * that the cost of a look-up grows with the templates that may match and not with all of them.
 */
import { LIMITS } from '../limits.ts';
import type { Message } from '../messages/message.ts';
import type { MessageTemplate } from '../template/template.ts';
import { ANCHORS_MAX, AnchorTree } from './anchor-tree.ts';
import { FrequencySketch } from './frequency-sketch.ts';
import { gramsOfTemplate, GRAM_SIZE_MAX, MessageGrams, type TemplateGrams } from './grams.ts';
import { literalsFit } from './literal-placement.ts';

/** So many templates are compared one by one faster than the grams of a message are read. */
const LINEAR_MAX = 16;
/** A gram inside a literal is as good as one at the end of a leaf only if it is this much rarer. */
const INNER_WEIGHT = 4;
/** Entries that each change moves to a sketch of another size: done before the next one is needed. */
const MOVED_PER_CHANGE = 2;
/**
 * Steps of one look-up, one for each key or entry that it looks at; about 50 µs. A long message has
 * more literals by chance and gets as many again as it has characters, which costs what reading it did.
 */
const STEPS_MAX = 8192;
/** Placing the literals of one template takes 0.2 to 0.4 µs in a short message; at most 256 are placed. */
const PLACING_STEPS = 32;

/** Look-ups are synchronous and none runs inside another, so all share the memory they scan with. */
const grams = new MessageGrams();

interface Entry<T> {
  readonly value: T;
  readonly template: MessageTemplate;
  /** Empty as long as the index is a plain list. */
  anchors: readonly number[];
  size: number;
  /** Where the grams of the template are counted. */
  sketch: FrequencySketch | undefined;
}

/**
 * Values by the templates that stand for them; each value at most once.
 *
 * Which templates are found, and that more than `LIMITS.candidatesMax` of them are over the limit,
 * depends on the set of templates alone. Only where literals do not tell thousands of templates apart
 * can the bound on steps be met in one order of insertion and not in another; both are right then.
 *
 * Memory: about 400 bytes for each template beyond its text (`npm run bench -- match`): 50 for its
 * entry, 110 for its anchors, 90 in the tree, 64 to 128 in the sketch and 40 in the map of values.
 */
export class TemplateIndex<T> {
  private readonly entries = new Map<T, Entry<T>>();
  private tree: AnchorTree<Entry<T>> | undefined;
  private sketch: FrequencySketch | undefined;
  /** While entries move to a sketch of another size, the one that they leave, and those still in it. */
  private moving: { readonly from: FrequencySketch; readonly entries: Entry<T>[] } | undefined;
  /** How many entries have grams of each size. */
  private readonly users = new Map<number, number>();

  get size(): number {
    return this.entries.size;
  }

  values(): IterableIterator<T> {
    return this.entries.keys();
  }

  /** Cost: a few microseconds for each 100 characters of literals, amortised. */
  add(value: T, template: MessageTemplate): void {
    this.remove(value);
    const entry: Entry<T> = { value, template, anchors: [], size: 0, sketch: undefined };
    this.entries.set(value, entry);
    if (this.tree !== undefined) this.place(entry);
    else if (this.entries.size > LINEAR_MAX) {
      this.tree = new AnchorTree();
      this.sketch = new FrequencySketch(4 * LINEAR_MAX);
      for (const each of this.entries.values()) this.place(each);
    }
    this.resize();
  }

  remove(value: T): void {
    const entry = this.entries.get(value);
    if (entry === undefined) return;
    this.entries.delete(value);
    this.displace(entry);
    this.resize();
  }

  /**
   * The values whose templates may match `message`: all that do, and those whose literals could
   * stand in it though their variables do not fit. `over-limit`: more than `LIMITS.candidatesMax`
   * of them, or too many to look through.
   *
   * Cost: linear in the message, plus the templates whose rarest literals all stand in it.
   */
  find(message: Message): readonly T[] | 'over-limit' {
    const found: T[] = [];
    const characters = charactersOf(message);
    const budget = { steps: STEPS_MAX + characters };
    const visit = (entry: Entry<T>): boolean => {
      budget.steps -= PLACING_STEPS;
      if (literalsFit(entry.template, message)) found.push(entry.value);
      return budget.steps >= 0 && found.length <= LIMITS.candidatesMax;
    };
    if (this.tree === undefined) {
      for (const entry of this.entries.values()) visit(entry);
      return found;
    }
    if (characters > LIMITS.leafCharactersMax) return 'over-limit';
    grams.read(message, [...this.users.keys()]);
    return this.tree.visit(grams, budget, visit) ? found : 'over-limit';
  }

  private place(entry: Entry<T>): void {
    const { tree, sketch } = this;
    if (tree === undefined || sketch === undefined) return;
    const own = gramsOfTemplate(entry.template);
    sketch.add(own.ids, 1);
    entry.sketch = sketch;
    entry.anchors = this.chooseAnchors(own);
    entry.size = own.size;
    this.countUser(own.size, 1);
    tree.insert(entry);
  }

  private displace(entry: Entry<T>): void {
    if (entry.sketch === undefined) return;
    this.tree?.remove(entry);
    entry.sketch.add(gramsOfTemplate(entry.template).ids, -1);
    entry.sketch = undefined;
    this.countUser(entry.size, -1);
  }

  private countUser(size: number, times: 1 | -1): void {
    if (size === 0) return;
    const count = (this.users.get(size) ?? 0) + times;
    if (count === 0) this.users.delete(size);
    else this.users.set(size, count);
  }

  /** The rarest grams, none overlapping another; the rarest first. */
  private chooseAnchors(own: TemplateGrams): number[] {
    const weights = own.ids.map(
      (id, index) => this.frequency(id) * (own.atEdge[index] ? 1 : INNER_WEIGHT),
    );
    const anchors: number[] = [];
    while (anchors.length < ANCHORS_MAX) {
      let best = -1;
      for (const [index, weight] of weights.entries()) {
        if (weight < (weights[best] ?? Infinity)) best = index;
      }
      const id = own.ids[best];
      if (id === undefined) break;
      if (!anchors.includes(id)) anchors.push(id);
      const place = own.places[best] ?? 0;
      for (let near = best; place - (own.places[near] ?? -Infinity) < GRAM_SIZE_MAX; near--)
        weights[near] = Infinity;
      for (let near = best; (own.places[near] ?? Infinity) - place < GRAM_SIZE_MAX; near++)
        weights[near] = Infinity;
    }
    return anchors;
  }

  private frequency(id: number): number {
    return (this.sketch?.estimate(id) ?? 0) + (this.moving?.from.estimate(id) ?? 0);
  }

  /** Keeps the sketch at the size of the index, a few entries at a time: no change stalls the process. */
  private resize(): void {
    if (this.sketch === undefined) return;
    const { size } = this.entries;
    const { capacity } = this.sketch;
    if (
      this.moving === undefined &&
      (size > capacity || size * 8 < capacity) &&
      size > LINEAR_MAX
    ) {
      this.moving = { from: this.sketch, entries: [...this.entries.values()] };
      this.sketch = new FrequencySketch(2 ** Math.ceil(Math.log2(size * 1.5)));
    }
    for (let count = 0; count < MOVED_PER_CHANGE && this.moving !== undefined; count++) {
      const entry = this.moving.entries.pop();
      if (entry === undefined) this.moving = undefined;
      else if (entry.sketch === this.moving.from) {
        this.displace(entry);
        this.place(entry);
      }
    }
  }
}

function charactersOf(message: Message): number {
  let characters = 0;
  for (const leaf of message.leaves) characters += leaf.text.length;
  return characters;
}
