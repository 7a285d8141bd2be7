/**
 * Programs that join: pieces with separators between, and repetitions.
 * The outputs of all examples are read from left to right together, piece by piece.
 */

import { applyRepeat } from '../expressions/evaluate.ts';
import type { Expression } from '../expressions/expression.ts';
import { COST, hasLetterOrDigit, literalCost, plainNumber } from './evidence.ts';
import { changeCase, hasCase } from './pieces.ts';
import { hasValues, isNumeric, type Budget, type Piece, type Task } from './task.ts';

/** Ways to read the outputs together; real ones have dozens. */
const STATES_MAX = 4000;
/** Joins that are ranked. */
const PATHS_MAX = 200;
/** Pieces with the same values that are told apart. */
const CLASS_MAX = 6;
/** A join of more items is a template, not a derivation. */
const ITEMS_MAX = 9;
/** One output: separators and affixes such as ". ", without letters and digits. Different ones may share words. */
const SEPARATOR_CHARACTERS_MAX = 3;
const LITERAL_CHARACTERS_MAX = 48;
/** Longer outputs are texts of the template. */
const OUTPUT_CHARACTERS_MAX = 512;

/** All joins that cost at most `costMax`, or at most a little more than the cheapest one. */
export function findConcatenations(
  task: Task,
  pieces: readonly Piece[],
  search: { readonly costMax: number; readonly budget: Budget },
): readonly Piece[] {
  if (task.outputs.some((output) => output.length > OUTPUT_CHARACTERS_MAX)) return [];
  if (task.outputs.some((output) => output === '')) return [];
  return new Join(task, pieces, search.budget).upTo(search.costMax);
}

/** The same, with one change of case around the whole: `lower(concat(first, ".", last))`. */
export function findCasedConcatenations(
  task: Task,
  pieces: readonly Piece[],
  search: { readonly costMax: number; readonly budget: Budget },
): readonly Piece[] {
  if (!task.outputs.some(hasCase)) return [];
  return (['lower', 'upper'] as const).flatMap((op) => {
    const target: Piece = { expression: { op: 'text', value: '' }, cost: 0, values: task.outputs };
    const folded = changeCase(target, [op]);
    if (folded === undefined || !hasValues(folded, task.outputs)) return [];
    const operands = pieces.flatMap((piece) => {
      const changed = changeCase(piece, [op]);
      return changed === undefined ? [] : [{ ...piece, values: changed.values }];
    });
    const found = findConcatenations(task, operands, {
      budget: search.budget,
      costMax: search.costMax - COST.case,
    });
    return found.map((piece) => ({
      ...piece,
      expression: { op, of: piece.expression },
      cost: piece.cost + COST.case,
    }));
  });
}

/** `repeat(word, n, " ")`: the number of times must be a number of the input. */
export function findRepetitions(
  task: Task,
  pieces: readonly Piece[],
  numbers: readonly Piece[],
): readonly Piece[] {
  const counters = numbers.filter(isNumeric);
  return pieces.flatMap((piece) =>
    counters.flatMap((times) => {
      const separator = separatorOf(
        task.outputs[0] ?? '',
        piece.values[0] ?? '',
        times.values[0] ?? '',
      );
      if (separator === undefined || piece.expression === times.expression) return [];
      const values = piece.values.map((value, index) =>
        applyRepeat(value, times.values[index] ?? '', separator),
      );
      if (values.some((value, index) => value !== task.outputs[index])) return [];
      const expression: Expression = {
        op: 'repeat',
        of: piece.expression,
        times: times.expression,
        separator,
      };
      const cost = COST.repeat + piece.cost + times.cost + literalCost(separator);
      return [{ expression, cost, values: task.outputs }];
    }),
  );
}

/** What must stand between the copies, if `output` is that; a single copy is no repetition. */
function separatorOf(output: string, text: string, times: string): string | undefined {
  const count = /^[1-9][0-9]{0,2}$/.test(times) ? Number(times) : 0;
  if (count < 2 || text === '' || !output.startsWith(text)) return undefined;
  const length = (output.length - text.length * count) / (count - 1);
  if (!Number.isInteger(length) || length < 0 || length > SEPARATOR_CHARACTERS_MAX)
    return undefined;
  return output.slice(text.length, text.length + length);
}

/** One more item: what it is, what it adds, and where it leads. */
interface Edge {
  readonly items: readonly Piece[];
  readonly cost: number;
  readonly to: State;
}

interface State {
  /** How far each output is read. */
  readonly offsets: readonly number[];
  readonly isAfterText: boolean;
  edges: readonly Edge[];
  /** The least that reading the rest costs; Infinity where it cannot be read. */
  rest: number;
}

/**
 * The outputs of all examples read together: a graph whose states are how far each output is read, which is the
 * intersection of FlashFill's graphs of single examples.
 */
class Join {
  private readonly task: Task;
  private readonly budget: Budget;
  private readonly byInitial = new Map<string, Piece[][]>();
  private readonly states = new Map<string, State>();
  private readonly mayShareWords: boolean;

  constructor(task: Task, pieces: readonly Piece[], budget: Budget) {
    this.task = task;
    this.budget = budget;
    // Digits that numbers share are chance: 88.5 and 38.5 have no "8.5" in common.
    this.mayShareWords = task.isVaried && !task.outputs.every((output) => plainNumber(output));
    for (const same of classesOf(pieces)) {
      const initial = same[0]?.values[0]?.[0] ?? '';
      const alike = this.byInitial.get(initial);
      if (alike === undefined) this.byInitial.set(initial, [same]);
      else alike.push(same);
    }
  }

  upTo(costMax: number): readonly Piece[] {
    const start = this.state(
      this.task.outputs.map(() => 0),
      false,
    );
    if (!Number.isFinite(start.rest)) return [];
    const paths = this.pathsFrom(start)
      .filter((path) => path.length > 1 && path.length <= ITEMS_MAX && path.some(isNoText))
      .map((path) => ({ path, cost: costOf(path) }))
      .toSorted((a, b) => a.cost - b.cost);
    const limit = Math.min((paths[0]?.cost ?? 0) + this.task.rivalBits, costMax);
    return paths
      .filter(({ cost }) => cost <= limit)
      .slice(0, PATHS_MAX)
      .flatMap(({ path }) => this.programs(path, limit));
  }

  /**
   * For each edge the cheapest path through it: the cheapest path of all, and every way to leave it once. Other
   * rivals leave it twice, and what one difference does not tell apart is not told apart by two.
   */
  private pathsFrom(start: State): readonly (readonly Edge[])[] {
    const begins = new Map<State, { readonly cost: number; readonly path: readonly Edge[] }>();
    begins.set(start, { cost: 0, path: [] });
    const paths = new Map<string, readonly Edge[]>();
    // Each edge reads on in the first output, so this order sees every state before those behind it.
    const states = [...this.states.values()].toSorted((a, b) => readOf(a) - readOf(b));
    for (const state of states) {
      const begin = begins.get(state);
      if (begin === undefined) continue;
      for (const edge of state.edges) {
        if (!Number.isFinite(edge.to.rest)) continue;
        const path = [...begin.path, edge];
        const cost = begin.cost + edge.cost;
        if (cost < (begins.get(edge.to)?.cost ?? Infinity)) begins.set(edge.to, { cost, path });
        const whole = [...path, ...restOf(edge.to)];
        const key = whole.map(({ items }) => JSON.stringify(items[0]?.expression)).join();
        paths.set(key, whole);
      }
    }
    return [...paths.values()];
  }

  private state(offsets: readonly number[], isAfterText: boolean): State {
    const key = `${offsets.join()}${isAfterText ? 't' : ''}`;
    const known = this.states.get(key);
    if (known !== undefined) return known;
    const state: State = { offsets, isAfterText, edges: [], rest: Infinity };
    this.states.set(key, state);
    if (this.isEnd(state)) state.rest = 0;
    else if (this.states.size <= STATES_MAX) {
      state.edges = [...this.pieceEdges(state), ...(isAfterText ? [] : this.textEdges(state))];
      for (const edge of state.edges) state.rest = Math.min(state.rest, edge.cost + edge.to.rest);
    }
    return state;
  }

  private isEnd(state: State): boolean {
    return state.offsets.every((offset, index) => offset === this.task.outputs[index]?.length);
  }

  private pieceEdges({ offsets }: State): readonly Edge[] {
    const initial = this.task.outputs[0]?.[offsets[0] ?? 0] ?? '';
    return (this.byInitial.get(initial) ?? []).flatMap((same) => {
      const [piece] = same;
      if (piece === undefined || !this.budget.take() || !this.fits(offsets, piece.values))
        return [];
      const to = this.state(advanced(offsets, piece.values), false);
      return [{ items: same, cost: piece.cost + COST.item, to }];
    });
  }

  /** Texts never stand side by side, so one place is read as at most `LITERAL_CHARACTERS_MAX` texts. */
  private textEdges({ offsets }: State): readonly Edge[] {
    const [output = ''] = this.task.outputs;
    const [offset = 0] = offsets;
    const most = this.mayShareWords ? LITERAL_CHARACTERS_MAX : SEPARATOR_CHARACTERS_MAX;
    const edges: Edge[] = [];
    for (let length = 1; length <= most && offset + length <= output.length; length++) {
      const value = output.slice(offset, offset + length);
      const values = this.task.outputs.map(() => value);
      if (!this.mayShareWords && hasLetterOrDigit(value)) break;
      if (!this.budget.take() || !this.fits(offsets, values)) break;
      if (!value.isWellFormed()) continue;
      const cost = this.task.constants.includes(value) ? COST.literal + 1 : literalCost(value);
      const piece: Piece = { expression: { op: 'text', value }, cost, values };
      edges.push({ items: [piece], cost, to: this.state(advanced(offsets, values), true) });
    }
    return edges;
  }

  private fits(offsets: readonly number[], texts: readonly string[]): boolean {
    return offsets.every(
      (offset, index) => this.task.outputs[index]?.startsWith(texts[index] ?? '', offset) === true,
    );
  }

  /** The path, and the path with one item in another way: one difference is enough to disagree. */
  private programs(path: readonly Edge[], limit: number): readonly Piece[] {
    const cost = costOf(path);
    const cheapest = path.flatMap(({ items }) => items.slice(0, 1));
    const others = path.flatMap(({ items }, place) =>
      items.slice(1).map((other) => ({
        items: cheapest.with(place, other),
        cost: cost + other.cost - (items[0]?.cost ?? 0),
      })),
    );
    return [{ items: cheapest, cost }, ...others]
      .filter((join) => join.cost <= limit)
      .map((join) => ({
        expression: { op: 'concat', items: join.items.map((item) => item.expression) },
        cost: join.cost,
        values: this.task.outputs,
      }));
  }
}

/** The cheapest edges to the end. */
function restOf(state: State): readonly Edge[] {
  const path: Edge[] = [];
  for (let at = state; ;) {
    const next = at.edges.find((edge) => edge.cost + edge.to.rest === at.rest);
    if (next === undefined) return path;
    path.push(next);
    at = next.to;
  }
}

function readOf({ offsets }: State): number {
  return offsets[0] ?? 0;
}

function isNoText({ items }: Edge): boolean {
  return items[0]?.expression.op !== 'text';
}

/** An operand that stands in a join once more costs more. */
function costOf(path: readonly Edge[]): number {
  const operands = path.filter(isNoText).map(({ items }) => items[0]);
  const again = operands.length - new Set(operands).size;
  const sum = path.reduce((total, edge) => total + edge.cost, 0);
  return COST.concat + sum + again * COST.itemAgain;
}

/** Pieces with the same values, cheapest first: observationally one piece, but not on other inputs. */
function classesOf(pieces: readonly Piece[]): readonly Piece[][] {
  const classes = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const key = JSON.stringify(piece.values);
    const same = classes.get(key);
    if (same === undefined) classes.set(key, [piece]);
    else same.push(piece);
  }
  return [...classes.values()].map((same) =>
    same.toSorted((a, b) => a.cost - b.cost).slice(0, CLASS_MAX),
  );
}

function advanced(offsets: readonly number[], texts: readonly string[]): readonly number[] {
  return offsets.map((offset, index) => offset + (texts[index]?.length ?? 0));
}
