/**
 * What merges keep of what they looked at: texts of templates in their records, whole nodes in the plans of those under
 * way. It goes with what it was made from; a merge that loses its plan fails, and the tree is as it was.
 */
import type { Document } from 'mongodb';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';

/** Of a whole scope, project or namespace, or of what is older: nothing is left. Errors: StoreError. */
export async function forgetMerges(database: Database, filter: Document): Promise<void> {
  await dropPlans(database, filter);
  await withDeadline('delete merges', DEADLINES.scanMs, () => database.merges.deleteMany(filter));
}

/** Of the merges that `filter` names, all that tells of these nodes or observations. Errors: StoreError. */
export async function forgetInMerges(
  database: Database,
  filter: Document,
  {
    nodes,
    observations,
  }: { readonly nodes: readonly string[]; readonly observations: readonly string[] },
): Promise<void> {
  await dropPlans(database, filter);
  const ofNodes = { $in: [...nodes] };
  await withDeadline('delete merges', DEADLINES.scanMs, async () => {
    await database.merges.deleteMany({ ...filter, parent: ofNodes });
    const told = [
      { node: ofNodes },
      { retires: ofNodes },
      { examples: { $in: [...observations] } },
    ];
    // One by one: not every server knows `$or` in `$pull`.
    for (const templates of told) {
      await database.db
        .collection('merges')
        .updateMany(filter, { $pull: { templates } } as Document);
    }
  });
}

async function dropPlans(database: Database, filter: Document): Promise<void> {
  await withDeadline('delete merge plans', DEADLINES.scanMs, async (signal) => {
    const merges = await database.db
      .collection<{ _id: string }>('merges')
      .find(filter, { projection: { _id: 1 }, signal })
      .toArray();
    const ids = merges.map(({ _id }) => _id);
    await database.mergeProposals.deleteMany({ merge: { $in: ids } });
  });
}
