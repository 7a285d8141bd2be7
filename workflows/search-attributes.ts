/** What runs can be found by in the Temporal UI. They never pass a codec, so they hold ids and codes only. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const GHEE_PROJECT = defineSearchAttributeKey('GheeProject', SearchAttributeType.KEYWORD);
export const GHEE_SCOPE = defineSearchAttributeKey('GheeScope', SearchAttributeType.KEYWORD);
export const GHEE_OUTCOME = defineSearchAttributeKey('GheeOutcome', SearchAttributeType.KEYWORD);

/** The server must know them before a run sets them. */
export const SEARCH_ATTRIBUTES = [GHEE_PROJECT, GHEE_SCOPE, GHEE_OUTCOME];
