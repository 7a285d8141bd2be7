/** Runs cases as a Braintrust `Eval`: on this machine alone without a key, sent with BRAINTRUST_API_KEY. */
import { Eval, Reporter } from 'braintrust';

export interface EvalCase<Input, Expected> {
  readonly id: string;
  readonly input: Input;
  readonly expected: Expected;
}

export interface EvalPlan<Input, Output, Expected> {
  readonly suite: string;
  readonly cases: readonly EvalCase<Input, Expected>[];
  readonly task: (input: Input) => Output | Promise<Output>;
  /** Each from 0 to 1, for Braintrust's table; the report of the suite is made of the outputs. */
  readonly scorers: Readonly<Record<string, (output: Output, expected: Expected) => number>>;
}

/** Our own table is shown at the end; Braintrust's bars and banners would only stand in its way. */
const SILENT = {
  start: () => undefined,
  stop: () => undefined,
  increment: () => undefined,
};

/**
 * The outputs in the order of the cases, one case at a time, so that times are those of one core.
 *
 * Errors: rejects with the first error of a task.
 */
export async function runEval<Input, Output, Expected>(
  plan: EvalPlan<Input, Output, Expected>,
  apiKey: string | undefined,
): Promise<readonly Output[]> {
  const outputs = new Map<string, Output>();
  let failure: unknown;
  await Eval<EvalCase<Input, Expected>, Output, unknown>(
    'ghee',
    {
      experimentName: plan.suite,
      maxConcurrency: 1,
      data: plan.cases.map((input) => ({ input, expected: input.expected })),
      task: async (evalCase) => {
        try {
          const output = await plan.task(evalCase.input);
          outputs.set(evalCase.id, output);
          return output;
        } catch (error) {
          failure ??= error;
          throw error;
        }
      },
      scores: Object.entries(plan.scorers).map(([name, score]) => {
        const scorer = (result: {
          input: EvalCase<Input, Expected>;
          output: Output;
        }): { name: string; score: number } => ({
          name,
          score: score(result.output, result.input.expected),
        });
        // Braintrust names its columns after the functions.
        return Object.defineProperty(scorer, 'name', { value: name });
      }),
    },
    {
      noSendLogs: apiKey === undefined,
      progress: SILENT,
      reporter: Reporter<boolean>('silent', { reportEval: () => true, reportRun: () => true }),
    },
  );
  if (failure !== undefined) throw failure instanceof Error ? failure : new Error('a task failed');
  return plan.cases.flatMap(({ id }) => outputs.get(id) ?? []);
}
