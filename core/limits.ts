/** Every bound of the domain in one place, each with its reason. */
export const LIMITS = {
  /** Deeper threads are forwarded: the walk must stay far under a millisecond for each message. */
  threadMessagesMax: 512,
  /** A message with more leaves is data, not a behaviour; its JSON is then one opaque leaf. */
  messageLeavesMax: 2048,
  /** Characters of one leaf that a template may be matched against. */
  leafCharactersMax: 262_144,
  /** States that a walk carries from one level to the next; more is a miss (DESIGN §11.2). */
  frontierMax: 16,
  /**
   * Templates of one level that are parsed in full: at some 4 µs each, about half a millisecond. A
   * walk keeps 16 states, so a message whose literals fit more templates is not told apart anyway.
   */
  candidatesMax: 128,
  /** Answers that one thread may reach: each is filled in and held against all others, about 3 ms in all. */
  answersMax: 128,
  /** Steps that parsing one message may take, with all its candidates: at most 3 ms (PERFORMANCE §4, point 5). */
  matchStepsMax: 40_960,
  /**
   * And all messages of a thread together: at most 50 ms. Long conversations of long texts take a tenth of
   * that; only one whose every message was made to be slow takes it all.
   */
  walkStepsMax: 655_360,
  /** Variables of one path's new messages: a tool's result may have as many fields that vary and flow nowhere. */
  variablesMax: 96,
  /** Explicit bindings of one request and the length of each value. */
  bindingsMax: 64,
  bindingCharactersMax: 8192,
} as const;
