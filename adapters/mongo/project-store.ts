/** Projects: tenants with their keys. Read by the mirror; written by the admin side. */
import { DEADLINES, withDeadline, type Database } from './connect.ts';
import { toProjectDocument, type Project } from './documents.ts';

/** Creates the project or replaces it as a whole. */
export async function saveProject(database: Database, project: Project): Promise<void> {
  const { _id, ...fields } = toProjectDocument(project);
  await withDeadline('save project', DEADLINES.writeMs, () =>
    database.projects.replaceOne({ _id: { $eq: _id } }, fields, { upsert: true }),
  );
}

/** Takes a key away; mirrors forget it with the change event. */
export async function revokeKey(database: Database, hash: string): Promise<'revoked' | 'unknown'> {
  const result = await withDeadline('revoke key', DEADLINES.writeMs, () =>
    database.projects.updateMany(
      { 'keys.hash': { $eq: hash } },
      { $pull: { keys: { hash: { $eq: hash } } } },
    ),
  );
  return result.modifiedCount > 0 ? 'revoked' : 'unknown';
}
