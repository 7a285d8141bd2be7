/** Exchanges as they lie in MongoDB once induction has left them as exact answers: what a merge begins with. */
import { exactAnswerId, observationId, shapeHash, threadHash } from '../../core/observation.ts';
import { connectMongo, type Database } from '../../adapters/mongo/connect.ts';
import type { Recording } from '../../adapters/mongo/documents.ts';
import { ObservationStore } from '../../adapters/mongo/observation-store.ts';
import { sha256 } from './memory-inducer.ts';
import { threadOf, type Recorded } from './merge-in-memory.ts';

export interface Place {
  readonly scope: string;
  readonly project: string;
}

/** Stores them in one scope, as runs leave them that could explain none. Gives back the observations' ids. */
export async function storeSiblings(
  database: Database,
  place: Place,
  recorded: readonly Recorded[],
): Promise<string[]> {
  const store = new ObservationStore(database, { now: Date.now, onSkipped: () => undefined });
  const recordings = recorded.map((one, index) => recordingOf(place, one, index));
  await store.recordMany(recordings);
  await store.scopes.save(recordings.slice(0, 1).map(({ scope }) => scope));
  await store.saveExactAnswers(recordings);
  const ids = recordings.map(({ observation }) => observation.id);
  for (let from = 0; from < ids.length; from += 100)
    await store.finishMany(ids.slice(from, from + 100), 'rejected:unexplained');
  return ids;
}

export function connectTo(uri: string, database = 'ghee'): Database {
  return connectMongo({ uri, database });
}

function recordingOf(place: Place, { messages, answer }: Recorded, index: number): Recording {
  const { scope, project } = place;
  const thread = threadOf(messages);
  const form = {
    ...{ message: JSON.stringify(answer), finishReason: 'stop', model: 'm' },
    ...{ usage: undefined, extras: '{}' },
  };
  const parts = { scope, thread: threadHash(sha256, thread), answer: form, bindings: [] };
  const at = 1_700_000_000_000 + index;
  const id = observationId(sha256, parts);
  return {
    observation: {
      ...parts,
      ...{ id, project, shape: shapeHash(sha256, thread), at },
      ...{ messages: JSON.stringify(messages), induce: true },
    },
    scope: { id: scope, project, model: 'm', parameters: '', endpoint: 'e' },
    exactAnswer: {
      ...{ id: exactAnswerId(sha256, scope, parts.thread), project, scope, at },
      ...{ thread: parts.thread, observation: id, answer: form },
    },
    replace: false,
  };
}
