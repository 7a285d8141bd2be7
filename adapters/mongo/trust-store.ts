/** How the templates of a project fared, by class of risk: what decides how soon later ones serve. */
import type { ClientSession } from 'mongodb';
import {
  isRiskClass,
  type ClassCount,
  type RiskClass,
  type TrustCounts,
} from '../../core/trust/risk.ts';
import type { Database } from './connect.ts';
import { DEADLINES, withDeadline } from './deadline.ts';
import { isCount } from './untrusted.ts';

/** One for each project and class. */
export interface TrustDocument {
  readonly _id: string;
  readonly project: string;
  readonly riskClass: string;
  readonly right?: number;
  readonly wrong?: number;
}

/** The counts of a project. Errors: StoreError. */
export async function readTrust(database: Database, project: string): Promise<TrustCounts> {
  const documents = await withDeadline('read trust', DEADLINES.readMs, (signal) =>
    database.trust.find({ project: { $eq: project } }, { signal }).toArray(),
  );
  return new Map(
    documents.flatMap(({ riskClass, right, wrong }): [RiskClass, ClassCount][] =>
      isRiskClass(riskClass)
        ? [[riskClass, { right: isCount(right) ? right : 0, wrong: isCount(wrong) ? wrong : 0 }]]
        : [],
    ),
  );
}

/** Counts the first fresh prediction of a template, within the transaction that counts it for the node. */
export async function countTrust(
  database: Database,
  session: ClientSession,
  about: { readonly project: string; readonly classes: readonly RiskClass[] },
  first: 'right' | 'wrong',
): Promise<void> {
  for (const riskClass of about.classes) {
    const { project } = about;
    await database.trust.updateOne(
      { _id: { $eq: `${project}:${riskClass}` } },
      { $setOnInsert: { project, riskClass }, $inc: { [first]: 1 } },
      { session, upsert: true },
    );
  }
}
