/** How a model's proposal is taken: what of it holds, and what is to be told to the model. */

export interface Checked<T> {
  /** Undefined where nothing of the proposal can be used. */
  readonly value: T | undefined;
  /** For the model only: they may quote data. */
  readonly problems: readonly string[];
}
