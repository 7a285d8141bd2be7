/** What the change stream says of one document. */
import type { Document } from 'mongodb';

/** What an update wrote, by field or dotted path; nothing for other events. */
export function updateOf(event: Document): {
  readonly updated: Document;
  readonly removed: readonly string[];
} {
  const description = event['updateDescription'] as Document | undefined;
  const { updatedFields = {}, removedFields = [] } = (description ?? {}) as {
    readonly updatedFields?: Document;
    readonly removedFields?: readonly string[];
  };
  return { updated: updatedFields, removed: removedFields };
}
