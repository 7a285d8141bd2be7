/** `GET /admin/health`: whether each part answers. `GET /status/public`: the same for everybody, without details. */
import type { MirrorStatus } from '../../adapters/mongo/mirror.ts';
import type { Health } from './contract/health.ts';
import type { ProcessState } from '../processes.ts';
import type { AdminDeps } from './deps.ts';

type Part = Health['parts'][number];

const NOTES = {
  worker: 'No worker asks for runs: nothing is learned until one does. Hits go on.',
  temporal: 'Temporal does not answer: nothing is learned until it does. Hits go on.',
  mongodb: 'MongoDB does not answer: hits go on from memory, observations wait on disk.',
} as const;

export async function readHealth(deps: AdminDeps): Promise<Health> {
  const [mongodb, temporal, worker] = await Promise.all([
    probe(deps, 'mongodb'),
    probe(deps, 'temporal'),
    probe(deps, 'worker'),
  ]);
  const parts = [proxyHealth(deps), worker, temporal, mongodb];
  const isDown = parts[0]?.state === 'down';
  const isWhole = parts.every(({ state }) => state === 'ok');
  return { state: isDown ? 'down' : isWhole ? 'ok' : 'degraded', parts };
}

export async function readPublicStatus(deps: AdminDeps): Promise<object> {
  const { state, parts } = await readHealth(deps);
  return { state, parts: parts.map(({ name, state }) => ({ name, state })) };
}

/** As well as the process that is worst off. */
function proxyHealth({ processes, processCount }: AdminDeps): Part {
  const states = processes();
  if (states.length < processCount) {
    const note = `${states.length} of ${processCount} processes serve; the others are started again.`;
    return { name: 'proxy', state: states.length === 0 ? 'down' : 'degraded', note };
  }
  const notes = states.map(({ mirror }) => noteOf(mirror));
  return (
    notes.find(({ state }) => state !== 'ok') ?? lockedNote(states) ?? noteOf({ kind: 'live' })
  );
}

/** All processes of a proxy find the same files. */
function lockedNote(states: readonly ProcessState[]): Part | undefined {
  const observations = Math.max(...states.map(({ spool }) => spool.locked.observations));
  if (observations <= 0) return undefined;
  const note = `Observations in GHEE_HOME/spool (${observations}) were sealed with another GHEE_ENCRYPTION_KEY: start Ghee once with that key to have them stored (docs/security.md), or delete their files.`;
  return { name: 'proxy', state: 'degraded', note };
}

function noteOf(status: MirrorStatus): Part {
  switch (status.kind) {
    case 'live':
      return { name: 'proxy', state: 'ok', note: 'It knows of every change.' };
    case 'loading':
      return { name: 'proxy', state: 'degraded', note: 'It still loads: calls are forwarded.' };
    case 'stale':
      return {
        name: 'proxy',
        state: 'degraded',
        note: `It has heard of no change for ${status.seconds} s.`,
      };
  }
}

async function probe(deps: AdminDeps, name: keyof typeof NOTES): Promise<Part> {
  try {
    await deps.probes[name]();
    return { name, state: 'ok', note: 'It answers.' };
  } catch {
    return { name, state: 'down', note: NOTES[name] };
  }
}
