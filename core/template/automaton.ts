/**
 * Deterministic automata over the classes of characters: how the kinds of matchers read a value in one
 * pass, with no backtracking. Built once for each kind, by Thompson's and the subset construction.
 */
import { CLASS_COUNT, OTHER_CLASS } from './characters.ts';

/** A regular language, written with the functions below. */
export type Language =
  | { readonly kind: 'one'; readonly classes: readonly number[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Language[] }
  | { readonly kind: 'either'; readonly choices: readonly Language[] }
  | { readonly kind: 'repeat'; readonly part: Language };

/** One character of the classes. */
export function one(classes: readonly number[]): Language {
  return { kind: 'one', classes };
}

export function sequence(...parts: readonly Language[]): Language {
  return { kind: 'sequence', parts };
}

export function either(...choices: readonly Language[]): Language {
  return { kind: 'either', choices };
}

/** Any number of times, also none. */
export function repeat(part: Language): Language {
  return { kind: 'repeat', part };
}

export function some(part: Language): Language {
  return sequence(part, repeat(part));
}

export function optional(part: Language): Language {
  return either(part, sequence());
}

/** From `least` to `most` times. */
export function times(part: Language, least: number, most: number): Language {
  const parts = Array.from({ length: most }, (_, index) => (index < least ? part : optional(part)));
  return sequence(...parts);
}

export interface Automaton {
  readonly start: number;
  /** State × class → state, or `DEAD`. */
  readonly next: Int16Array;
  /** 1 for the states in which a value may end. */
  readonly accepting: Uint8Array;
}

export const DEAD = -1;

/** The automaton of a language. Cost: small languages only; the result is to be kept. */
export function compile(language: Language): Automaton {
  const nfa = new Thompson();
  const start = nfa.state();
  const end = nfa.add(language, start);
  return determinise(nfa, start, end);
}

class Thompson {
  readonly empty: number[][] = [];
  readonly labelled: { readonly classes: readonly number[]; readonly to: number }[][] = [];

  state(): number {
    this.empty.push([]);
    this.labelled.push([]);
    return this.empty.length - 1;
  }

  /** Adds the language after `from` and returns the state in which it ends. */
  add(language: Language, from: number): number {
    switch (language.kind) {
      case 'one': {
        const to = this.state();
        this.labelled[from]?.push({ classes: language.classes, to });
        return to;
      }
      case 'sequence':
        return language.parts.reduce((at, part) => this.add(part, at), from);
      case 'either': {
        const ends = language.choices.map((choice) => this.add(choice, this.after(from)));
        const to = this.state();
        for (const end of ends) this.empty[end]?.push(to);
        return to;
      }
      case 'repeat': {
        const loop = this.after(from);
        const end = this.add(language.part, loop);
        this.empty[end]?.push(loop);
        return this.after(loop);
      }
    }
  }

  private after(from: number): number {
    const to = this.state();
    this.empty[from]?.push(to);
    return to;
  }

  closure(states: Iterable<number>): number[] {
    const reached = new Set(states);
    for (const state of reached) for (const to of this.empty[state] ?? []) reached.add(to);
    return [...reached].sort((a, b) => a - b);
  }
}

function determinise(nfa: Thompson, start: number, end: number): Automaton {
  const first = nfa.closure([start]);
  const numbers = new Map([[first.join(), 0]]);
  const sets = [first];
  const rows: Int16Array[] = [];
  for (const set of sets) {
    const row = new Int16Array(CLASS_COUNT).fill(DEAD);
    const targets = new Map<number, number[]>();
    for (const state of set) {
      for (const { classes, to } of nfa.labelled[state] ?? []) {
        for (const unit of classes) targets.set(unit, [...(targets.get(unit) ?? []), to]);
      }
    }
    for (const [unit, states] of targets) {
      const closure = nfa.closure(states);
      const key = closure.join();
      const number = numbers.get(key) ?? sets.push(closure) - 1;
      numbers.set(key, number);
      row[unit] = number;
    }
    // The first half of a pair changes nothing: the pair is read at its second half.
    row[OTHER_CLASS.high] = rows.length;
    rows.push(row);
  }
  const next = new Int16Array(rows.length * CLASS_COUNT);
  rows.forEach((row, index) => next.set(row, index * CLASS_COUNT));
  return { start: 0, next, accepting: Uint8Array.from(sets, (set) => (set.includes(end) ? 1 : 0)) };
}
