/** The one error of this adapter. What a provider says may quote what it was sent, so none of it is kept. */

/** A call that was not answered and may be if it is made again. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code = 'model_unavailable';
  readonly retryable = true;

  /** `about` is a status or the name of an error. */
  constructor(about: string) {
    super(`the inducer's model did not answer: ${about}`);
  }
}
