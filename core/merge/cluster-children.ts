/** Stage 1 of a merge: which siblings read alike. */
import type { MergeCluster, MergeQuestion } from './plan.ts';
import { MERGE_LIMITS } from './plan.ts';
import {
  followersOf,
  idOf,
  mayTeach,
  observationsOf,
  pathTo,
  readExchanges,
  requestsOf,
  turnsOf,
} from './sibling.ts';
import { alikeRows, joinMessages } from './turn-rows.ts';

/**
 * The clusters of threads whose next turns below the parent read alike, the largest first. What is in none stays as it
 * is. Cost: near linear in the characters of the turns (see `mergeRows`). Errors: none; a parent that is gone has none.
 */
export function clusterChildren(question: MergeQuestion): MergeCluster[] {
  const path = pathTo(question.tree, question.scope, question.parent);
  if (path === undefined) return [];
  const exchanges = readExchanges(observationsOf(question)).filter(mayTeach);
  const siblings = turnsOf(followersOf(question, path, exchanges));
  const rows = alikeRows(siblings.map((sibling) => joinMessages(requestsOf(sibling))));
  return rows
    .filter(({ lines }) => lines.length >= MERGE_LIMITS.siblingsMin)
    .map(({ lines }) => {
      const followers = lines.flatMap(({ index }) => siblings[index]?.followers ?? []);
      const members = followers.map(idOf).toSorted();
      return { id: question.hash(JSON.stringify(members)), members };
    });
}
