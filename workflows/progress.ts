/** What a run tells people while it runs: the `progress` query, and the text in the Temporal UI. */
import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';

export interface StepNote {
  readonly step: string;
  /** Counts, codes and names of variables, never values. */
  readonly note: string;
}

export const progressQuery = defineQuery<readonly StepNote[]>('progress');

export class Progress {
  private readonly notes: StepNote[] = [];

  constructor() {
    setHandler(progressQuery, () => this.notes);
  }

  add(step: string, note: string): void {
    this.notes.push({ step, note });
    setCurrentDetails(this.notes.map((entry) => `- **${entry.step}**: ${entry.note}`).join('\n'));
  }
}
