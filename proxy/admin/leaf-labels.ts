/** What the leaves of a message are called: keys of JSON and names of tools stand in its skeleton. */

export interface LeafLabel {
  /** Of a tool call: what is called, at the first of its leaves. */
  readonly tool: string | undefined;
  /** Of a leaf of JSON: its nearest key. */
  readonly key: string | undefined;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[A-Z]|[:=]/g;

/** One for each leaf, in their order (core/messages/message.ts writes the skeletons). */
export function labelLeaves(skeleton: string): readonly LeafLabel[] {
  const labels: { tool: string | undefined; key: string | undefined }[] = [];
  let text = '';
  let key: string | undefined;
  let field = '';
  /** Where the leaves of the present tool call begin. */
  let call: number | undefined;
  for (const [token] of skeleton.matchAll(TOKENS)) {
    switch (token) {
      case ':':
        key = text;
        break;
      case '=':
        field = text;
        if (field === 'function') call = labels.length;
        break;
      case 'S':
      case 'N':
      case 'C':
        labels.push({ tool: undefined, key });
        break;
      case 'T':
        labels.push({ tool: undefined, key: undefined });
        break;
      default:
        text = readText(token);
        if (field === 'name' && call !== undefined) {
          const first = labels[call];
          if (first !== undefined) first.tool = text;
          call = undefined;
        }
    }
  }
  return labels;
}

/** `J`, which only says that JSON follows, is no text. */
function readText(token: string): string {
  try {
    return token.startsWith('"') ? String(JSON.parse(token)) : '';
  } catch {
    return '';
  }
}
