/**
 * Whether the words seen at one place are a variable's values or the words of different events. Both are few strings
 * with counts; what tells them apart is how many more there must be.
 */

/**
 * A place with more possible words than this is a variable. Closed vocabularies (states, verbs, levels, methods) that
 * programs print at one place have about half a dozen words; names, users and hosts have no end.
 */
const CLOSED_WORDS_MAX = 6;

/**
 * Estimates how many different values there are, seen and unseen, from how often each was seen.
 * Values seen once speak for many unseen ones, values seen twice against (the bias-corrected form).
 * Source: Chao 1984, "Nonparametric estimation of the number of classes in a population"; after Good–Turing.
 */
export function estimateClasses(counts: Iterable<number>): number {
  let seen = 0;
  let once = 0;
  let twice = 0;
  for (const count of counts) {
    seen++;
    if (count === 1) once++;
    if (count === 2) twice++;
  }
  return seen + (once * (once - 1)) / (2 * (twice + 1));
}

/**
 * Whether words with these counts belong to an open class.
 * `strictness` multiplies the bound where the surroundings say little (no word beside the hole is fixed, or the hole
 * begins the text, where programs say what they report).
 */
export function isOpenClass(counts: Iterable<number>, strictness = 1): boolean {
  return estimateClasses(counts) > CLOSED_WORDS_MAX * strictness;
}
