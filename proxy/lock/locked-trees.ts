/**
 * A file of trees in place of a database: `behaviour.lock`. It answers the same requests wherever it lies, since its
 * trees are found by what was asked, and not by who asked or which provider answered.
 */
import type { ExactAnswer, Scope } from '../../core/observation.ts';
import type { Archive, ArchivedScope } from '../../core/tree/archive.ts';
import { ScopeTree } from '../../core/tree/scope-tree.ts';
import type { Project } from '../../adapters/mongo/documents.ts';
import type { MirrorStatus } from '../../adapters/mongo/mirror.ts';
import type { MirrorView } from '../deps.ts';
import { differingParameters } from './differing-parameters.ts';

/** What a request that no tree of the file answers is told. */
export interface Lock {
  /** The tree that was learned from such requests, whoever sent them. */
  readonly find: (scope: Scope) => Scope | undefined;
  /** Why there is no tree, in words that quote parameters of requests. */
  readonly explain: (scope: Scope) => string;
}

export type OpenedLock =
  | { readonly kind: 'lock'; readonly trees: LockedTrees }
  | { readonly kind: 'problem'; readonly message: string };

interface Held {
  readonly scope: Scope;
  readonly tree: ScopeTree | undefined;
  readonly answers: ReadonlyMap<string, ExactAnswer>;
  readonly vetoes: ReadonlySet<string>;
}

/** Errors: a value, where it would not be certain which tree answers. */
export function openLock({ scopes }: Archive): OpenedLock {
  const projects = new Set(scopes.map(({ scope }) => scope.project));
  if (projects.size > 1) {
    const message = `it has trees of ${projects.size} projects, and nothing crosses projects: write it with \`ghee export --project ID\``;
    return { kind: 'problem', message };
  }
  const held = new Map<string, Held>();
  for (const archived of scopes) {
    const key = keyOf(archived.scope);
    const other = held.get(key)?.scope.id;
    if (other !== undefined) {
      const message = `its trees ${other} and ${archived.scope.id} answer the same requests: they were learned with two keys or from two providers. Delete one of them from it`;
      return { kind: 'problem', message };
    }
    held.set(key, hold(archived));
  }
  return { kind: 'lock', trees: new LockedTrees([...projects][0] ?? '', held) };
}

export class LockedTrees implements MirrorView, Lock {
  private readonly byKey: ReadonlyMap<string, Held>;
  private readonly byId: ReadonlyMap<string, Held>;
  private readonly everyone: Project;

  constructor(project: string, byKey: ReadonlyMap<string, Held>) {
    this.byKey = byKey;
    this.byId = new Map([...byKey.values()].map((held) => [held.scope.id, held]));
    this.everyone = { id: project, name: project, keys: [], settings: [] };
  }

  find(scope: Scope): Scope | undefined {
    return this.byKey.get(keyOf(scope))?.scope;
  }

  explain(scope: Scope): string {
    const held = this.byKey.get(keyOf(scope));
    if (held !== undefined) {
      const count = held.answers.size;
      return `The lock file has no template for requests like this one, and ${count} exact answers, none of them to this conversation.`;
    }
    const others = [...this.byKey.values()].map((other) => other.scope);
    const [nearest] = others
      .map((other) => ({ other, differences: differencesOf(other, scope) }))
      .sort((a, b) => a.differences.length - b.differences.length);
    return nearest === undefined
      ? 'The lock file is empty.'
      : `The lock file has no tree for such requests. The nearest one differs in: ${nearest.differences.join('; ')}.`;
  }

  holds(): boolean {
    return true;
  }

  tree(scope: string): ScopeTree | undefined {
    return this.byId.get(scope)?.tree;
  }

  exact(scope: string, thread: string): ExactAnswer | undefined {
    return this.byId.get(scope)?.answers.get(thread);
  }

  vetoed(scope: string): ReadonlySet<string> | undefined {
    return this.byId.get(scope)?.vetoes;
  }

  /** There are no keys in a file: whoever may reach this proxy may read it. */
  project(): Project {
    return this.everyone;
  }

  /** Age does not count here. */
  agreedAt(): undefined {
    return undefined;
  }

  putExact(): void {
    throw new Error('a lock file is not written to');
  }

  status(): MirrorStatus {
    return { kind: 'live' };
  }

  counts(): { readonly scopes: number; readonly nodes: number; readonly answers: number } {
    const all = [...this.byId.values()];
    const sum = (of: (held: Held) => number) => all.reduce((total, held) => total + of(held), 0);
    return {
      scopes: all.length,
      nodes: sum(({ tree }) => tree?.size ?? 0),
      answers: sum(({ answers }) => answers.size),
    };
  }
}

function hold({ scope, nodes, answers, vetoes }: ArchivedScope): Held {
  const tree = new ScopeTree();
  for (const node of nodes) tree.put(node);
  return {
    scope,
    tree: nodes.length === 0 ? undefined : tree,
    answers: new Map(answers?.map((answer) => [answer.thread, answer])),
    vetoes: new Set(vetoes),
  };
}

function keyOf({ namespace, endpoint, parameters }: Scope): string {
  return JSON.stringify([namespace ?? '', endpoint, parameters]);
}

function differencesOf(locked: Scope, asked: Scope): readonly string[] {
  const namespace = (scope: Scope) => scope.namespace ?? 'none';
  return [
    ...differingParameters(locked.parameters, asked.parameters),
    ...(locked.endpoint === asked.endpoint ? [] : ['its path, query or headers']),
    ...(locked.namespace === asked.namespace
      ? []
      : [`Butter-Namespace: ${namespace(locked)} in the lock file, ${namespace(asked)} here`]),
  ];
}
