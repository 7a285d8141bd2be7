/** What a project allows beyond answering its calls. */
import type { Project } from '../../adapters/mongo/documents.ts';

export interface Permissions {
  /** The request log may hold messages and values. */
  readonly content: boolean;
  /** Ghee may check hits by calls of its own, with the caller's credential and at its cost. */
  readonly audits: boolean;
}

/** Settings of a project are those that differ from the server's. Without a project the server's hold. */
export function permissionsOf(project: Project | undefined, server: Permissions): Permissions {
  const settings = new Map(project?.settings);
  const setting = (name: string, otherwise: boolean): boolean => {
    const value = settings.get(name);
    // What is neither allows nothing: a slip must not open anything.
    return value === undefined ? otherwise : value === 'on';
  };
  return {
    content: setting('log_content', server.content),
    audits: setting('audits', server.audits),
  };
}
