/** Messages come from anybody: what would steer a terminal is shown, not sent. */

/** Control characters, and those that turn the direction of text. */
const STEERING = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** On one line. */
export function printable(text: string): string {
  return text.replace(STEERING, (character) =>
    character === '\n' || character === '\t' ? ' ' : '\ufffd',
  );
}
