/** What the proxy is given by its composition root. */
import type { CodeCall } from '../core/expressions/derivation.ts';
import type { Hash } from '../core/observation.ts';
import type { KeyedHash } from '../adapters/caller.ts';
import type { Recording } from '../adapters/mongo/documents.ts';
import type { TreeMirror } from '../adapters/mongo/mirror.ts';
import type { RecordResult } from '../adapters/mongo/recorder.ts';
import type { ServedHit } from './hit/audit.ts';
import type { Observed } from './hit/observe.ts';
import type { CallDeps } from './call.ts';
import type { Flights } from './miss/collapse.ts';
import type { Frames } from './hit/frames.ts';
import type { Lock } from './lock/locked-trees.ts';
import type { RecordingRoom } from './miss/recording-room.ts';
import type { Repeats } from './hit/repeats.ts';
import type { ServerRules } from './request/rules.ts';
import type { Upstream } from './miss/upstream.ts';

/** The part of the mirror that requests read; none of it waits. */
export type MirrorView = Pick<
  TreeMirror,
  'holds' | 'tree' | 'exact' | 'project' | 'vetoed' | 'agreedAt' | 'putExact' | 'status'
>;

/** What runs code derivations. Texts are empty where one does not know, failed, or is not allowed to run. */
export interface CodeRunner {
  /** What is known already. */
  readonly recall: (call: CodeCall) => string | undefined;
  /** Never throws. */
  readonly run: (call: CodeCall) => Promise<string>;
}

export interface ProxyDeps extends CallDeps {
  readonly mirror: MirrorView;
  /** Resolves when the observation survives a crash; what follows from it is the recorder's. */
  readonly record: (recording: Recording) => Promise<RecordResult>;
  readonly keyedHash: KeyedHash;
  /** Keyed: names an observation. */
  readonly hashObservation: Hash;
  readonly code: CodeRunner;
  readonly upstream: Upstream;
  /** Answers the model `demo`; without it that model goes to `upstream` like any other. */
  readonly demo: Upstream | undefined;
  /** Told of every hit when its client has its answer; may check it, and learns what its newest turn says. Never throws. */
  readonly onHit: (hit: ServedHit) => void;
  /** Told how an answer compares with what would have been served (`observe`). Never throws. */
  readonly onObserved: (observed: Observed) => void;
  /** Calls to the provider that identical ones may wait for. */
  readonly flights: Flights;
  readonly random: () => number;
  readonly repeats: Repeats;
  /** Where a file of trees is served in place of a database. */
  readonly lock?: Lock;
  readonly frames: Frames;
  readonly room: RecordingRoom;
  /** Told why an answer is not learned from. Never throws. */
  readonly onUnusable: (reason: string) => void;
  readonly settings: ProxySettings;
}

export interface ProxySettings {
  readonly requestBytesMax: number;
  /** How long answers are served from memory while MongoDB is away. */
  readonly staleMaxSeconds: number;
  /** How long a stream waits for the answer of an identical call. */
  readonly collapseSeconds: number;
  /** Of calls without a project, and of projects that say nothing else. */
  readonly rules: ServerRules;
  /** Reached from other machines: only callers with a project's key are let in (DESIGN §11.14). */
  readonly isOpen: boolean;
}

/** A hit by a model's code waits no longer than 20 ms (PITFALLS §1b): beyond it the provider is asked. */
export const CODE_LIMITS = { patienceMs: 20, budgetMs: 500 };

/** Bounds of the HTTP side. */
export const PROXY_LIMITS = {
  /** An answer over this is passed on and not learned: a document of MongoDB holds 16 MiB. */
  answerBytesMax: 4 * 1024 * 1024,
  /** Of all answers that are on their way: over it they are passed on and not learned. */
  recordingsBytesMax: 64 * 1024 * 1024,
  /** Request and answer together. */
  observationBytesMax: 12 * 1024 * 1024,
  /** 16 KiB for Butter-Bindings, and what clients and their gateways add. */
  headerBytesMax: 64 * 1024,
} as const;
