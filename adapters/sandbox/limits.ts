/** Bounds of the sandbox, each with its reason. Sizes of texts are in UTF-16 units. */
export const SANDBOX_LIMITS = {
  /** A derivation is a line, or a table of some dozens of entries. */
  sourceCharactersMax: 4096,
  regexCharactersMax: 128,
  /** Inputs of one job: a verification tries all exemplars and their perturbations. */
  inputsMax: 256,
  inputCharactersMax: 262_144,
  /** One derived value (DESIGN §5), and all of a job. */
  resultCharactersMax: 65_536,
  outputCharactersMax: 262_144,
  /** JSON may need six characters for one; more unread bytes than this end the child. */
  unreadCharactersMax: 2_097_152,
  budgetMsMax: 10_000,
  /** Jobs that wait; behind more than that nobody gets an answer in time. */
  queueMax: 64,
  /** isolated-vm's own limit is soft; the resident limit is the one that holds. An idle child has 50 MB. */
  isolateMegabytes: 16,
  residentBytesMax: 192 * 1024 * 1024,
  /** A child that kept this much between two jobs is replaced, so that the next job has room. */
  idleResidentBytesMax: 96 * 1024 * 1024,
  /** At 4 GB/s of page faults a poll misses at most 20 MB. */
  pollMs: 5,
  /** From start to ready takes 50 ms on an idle machine. */
  bootMsMax: 5000,
  backoffMsMin: 100,
  backoffMsMax: 30_000,
} as const;
