/** Projects: tenants with their keys. Read by the mirror; written by the admin side. */
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { inTransaction, keep, rollback } from './transaction.ts';
import { parseProject, toProjectDocument, type OnSkipped, type Project } from './documents.ts';

/** More are not listed, nor meant. */
const PROJECTS_MAX = 10_000;

export type ProjectChange =
  { readonly kind: 'changed' | 'unchanged'; readonly project: Project } | { readonly kind: 'gone' };

export class ProjectStore {
  private readonly database: Database;
  private readonly onSkipped: OnSkipped;

  constructor(database: Database, options: { readonly onSkipped: OnSkipped }) {
    this.database = database;
    this.onSkipped = options.onSkipped;
  }

  /** By name. Errors: StoreError. */
  async list(): Promise<readonly Project[]> {
    const documents = await withDeadline('list projects', DEADLINES.readMs, (signal) =>
      this.database.projects
        .find({}, { sort: { name: 1, _id: 1 }, limit: PROJECTS_MAX, signal })
        .toArray(),
    );
    return documents.flatMap((document) => {
      const project = parseProject(document);
      if (project === undefined) this.onSkipped('projects', document._id);
      return project ?? [];
    });
  }

  async read(id: string): Promise<Project | undefined> {
    const document = await withDeadline('read project', DEADLINES.readMs, (signal) =>
      this.database.projects.findOne({ _id: { $eq: id } }, { signal }),
    );
    return parseProject(document);
  }

  /** `taken`: there is a project of that name, so that names can stand for projects. */
  async create(project: Project): Promise<'created' | 'taken'> {
    return inTransaction(this.database, 'create project', async (session) => {
      const { projects } = this.database;
      const name = { $eq: project.name };
      if ((await projects.findOne({ name }, { session })) !== null) return rollback('taken');
      await projects.insertOne(toProjectDocument(project), { session });
      return keep('created');
    });
  }

  /** `change` is pure: it is called again when somebody else changed the project meanwhile. */
  async change(
    id: string,
    change: (project: Project) => Project | undefined,
  ): Promise<ProjectChange> {
    return inTransaction<ProjectChange>(this.database, 'change project', async (session) => {
      const { projects } = this.database;
      const before = parseProject(await projects.findOne({ _id: { $eq: id } }, { session }));
      if (before === undefined) return rollback({ kind: 'gone' });
      const project = change(before);
      if (project === undefined) return rollback({ kind: 'unchanged', project: before });
      const { _id, ...fields } = toProjectDocument(project);
      await projects.replaceOne({ _id: { $eq: _id } }, fields, { session });
      return keep({ kind: 'changed', project });
    });
  }
}
