/** Scores of the merge eval as plain functions. Definitions: Zhu et al., ICSE-SEIP 2019; Khan et al., ICSE 2022. */

/** One row of a data file. `template` shows variables as `<*>`. */
export interface MergeCase {
  readonly line: string;
  readonly template_id: string;
  readonly template: string;
}

/** A predicted group: indices of its lines, and its template in the notation of the labels. */
export interface PredictedGroup {
  readonly members: readonly number[];
  readonly template: string;
}

/** Share of lines whose predicted group holds exactly the lines of their true group. */
export function groupingAccuracy(
  cases: readonly MergeCase[],
  groups: readonly PredictedGroup[],
): number {
  const sizes = new Map<string, number>();
  for (const { template_id: id } of cases) sizes.set(id, (sizes.get(id) ?? 0) + 1);
  let right = 0;
  for (const { members } of groups) {
    const ids = new Set(members.map((member) => cases[member]?.template_id ?? ''));
    const [id = ''] = ids;
    if (ids.size === 1 && sizes.get(id) === members.length) right += members.length;
  }
  return share(right, cases.length);
}

/** Share of lines whose predicted template is the true one, blanks squeezed and neighbouring wildcards joined. */
export function parsingAccuracy(
  cases: readonly MergeCase[],
  groups: readonly PredictedGroup[],
): number {
  let right = 0;
  for (const { members, template } of groups) {
    const predicted = normalizeTemplate(template);
    for (const member of members) {
      if (normalizeTemplate(cases[member]?.template ?? '') === predicted) right++;
    }
  }
  return share(right, cases.length);
}

/** Blanks squeezed, wildcards with nothing between them joined: `a  <*><*>` is `a <*>`. */
export function normalizeTemplate(template: string): string {
  return template
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<\*>(?:<\*>)+/g, '<*>');
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
