/**
 * Programs that join: pieces with separators between, and repetitions.
 * The outputs of all examples are read from left to right together, piece by piece.
 */

import { applyRepeat } from '../expressions/evaluate.ts';
import type { Expression } from '../expressions/expression.ts';
import { COST, hasLetterOrDigit, literalCost, plainNumber, RIVAL_BITS } from './evidence.ts';
import { changeCase, hasCase } from './pieces.ts';
import { hasValues, isNumeric, type Budget, type Piece, type Task } from './task.ts';

/** Tried one after the other until a program is found: cheap programs must not wait for dear ones. */
const COST_STEPS = [6, 9, 12, 16, 22, 30, 45, 70, 110] as const;
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
  if (task.outputs.some((output) => output === '' || output.length > OUTPUT_CHARACTERS_MAX))
    return [];
  const join = (limit: number): readonly Piece[] =>
    new Join(task, pieces, search.budget).upTo(limit);
  for (const step of COST_STEPS) {
    const limit = Math.min(step, search.costMax);
    const found = join(limit);
    if (found.length > 0) {
      const cheapest = Math.min(...found.map((piece) => piece.cost));
      return join(Math.min(cheapest + RIVAL_BITS, search.costMax));
    }
    if (limit === search.costMax) break;
  }
  return [];
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

interface Prefix {
  /** How far each output is read. */
  readonly offsets: readonly number[];
  readonly items: readonly Expression[];
  readonly cost: number;
}

class Join {
  private readonly task: Task;
  private readonly budget: Budget;
  private readonly byInitial = new Map<string, Piece[]>();
  private readonly found: Piece[] = [];
  private readonly mayShareWords: boolean;
  private limit = 0;

  constructor(task: Task, pieces: readonly Piece[], budget: Budget) {
    this.task = task;
    this.budget = budget;
    // Digits that numbers share are chance: 88.5 and 38.5 have no "8.5" in common.
    this.mayShareWords = task.isVaried && !task.outputs.every((output) => plainNumber(output));
    for (const piece of pieces) {
      const initial = piece.values[0]?.[0] ?? '';
      const same = this.byInitial.get(initial);
      if (same === undefined) this.byInitial.set(initial, [piece]);
      else same.push(piece);
    }
  }

  upTo(limit: number): readonly Piece[] {
    this.limit = limit;
    this.read({ offsets: this.task.outputs.map(() => 0), items: [], cost: COST.concat });
    return this.found;
  }

  private read(prefix: Prefix): void {
    const [offset = 0] = prefix.offsets;
    const [output = ''] = this.task.outputs;
    if (offset === output.length) this.end(prefix);
    if (offset === output.length || prefix.items.length >= ITEMS_MAX) return;
    for (const piece of this.byInitial.get(output[offset] ?? '') ?? []) {
      const again = prefix.items.includes(piece.expression) ? COST.itemAgain : 0;
      const cost = piece.cost + COST.item + again;
      this.extend(prefix, piece.expression, { texts: piece.values, cost });
    }
    if (prefix.items.at(-1)?.op !== 'text') this.readLiteral(prefix, offset);
  }

  /** Literals never stand side by side, so one place is read as at most `LITERAL_CHARACTERS_MAX` literals. */
  private readLiteral(prefix: Prefix, offset: number): void {
    const [output = ''] = this.task.outputs;
    const most = this.mayShareWords ? LITERAL_CHARACTERS_MAX : SEPARATOR_CHARACTERS_MAX;
    for (let length = 1; length <= most && offset + length <= output.length; length++) {
      const value = output.slice(offset, offset + length);
      if (!this.mayShareWords && hasLetterOrDigit(value)) return;
      const cost = literalCost(value);
      if (
        prefix.cost + cost > this.limit ||
        !this.fits(
          prefix,
          this.task.outputs.map(() => value),
        )
      )
        return;
      if (!value.isWellFormed()) continue;
      this.extend(
        prefix,
        { op: 'text', value },
        { texts: this.task.outputs.map(() => value), cost },
      );
    }
  }

  private extend(
    prefix: Prefix,
    item: Expression,
    choice: { readonly texts: readonly string[]; readonly cost: number },
  ): void {
    const cost = prefix.cost + choice.cost;
    if (cost > this.limit || !this.budget.take() || !this.fits(prefix, choice.texts)) return;
    this.read({
      offsets: prefix.offsets.map((offset, index) => offset + (choice.texts[index]?.length ?? 0)),
      items: [...prefix.items, item],
      cost,
    });
  }

  private fits(prefix: Prefix, texts: readonly string[]): boolean {
    return prefix.offsets.every(
      (offset, index) => this.task.outputs[index]?.startsWith(texts[index] ?? '', offset) === true,
    );
  }

  private end(prefix: Prefix): void {
    const isWhole = prefix.offsets.every(
      (offset, index) => offset === this.task.outputs[index]?.length,
    );
    const isJoin = prefix.items.length > 1 && prefix.items.some((item) => item.op !== 'text');
    if (!isWhole || !isJoin) return;
    this.found.push({
      expression: { op: 'concat', items: prefix.items },
      cost: prefix.cost,
      values: this.task.outputs,
    });
  }
}
