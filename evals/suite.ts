/** What a suite is: one file in evals/ that says how its rows are read, run and scored. `run.ts` does the rest. */
import type { Command } from 'commander';

export interface SuiteOptions {
  /** A JSONL file, or the suite's own cases. */
  readonly data?: string;
  readonly inducer: 'symbolic' | 'llm' | 'auto';
  /** Options of the suite itself, by their long names. */
  readonly [name: string]: unknown;
}

export interface SuiteReport {
  /** The one JSON object of `--json`; of it people are shown the numbers. */
  readonly scores: Readonly<Record<string, unknown>>;
  /** A line for each case, cells from left to right; the first line holds the titles. */
  readonly table: readonly (readonly string[])[];
}

export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Adds options of its own. */
  readonly configure: (command: Command) => void;
  /** Errors: rejects where it could not run, with a message for people. */
  readonly run: (options: SuiteOptions) => Promise<SuiteReport>;
}
