/** What Prometheus reads at /metrics, of one process, or of several together: all names in one list. */
import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client';

/** Seconds: a hit takes less than one millisecond, a model up to a minute. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1, 5, 20, 60];

export type Metrics = ReturnType<typeof createMetrics>;

/** The text of several processes' metrics as one: counts are added, of the rest see prom-client's `aggregator`. */
export function sumMetrics(processes: readonly object[]): Promise<string> {
  return AggregatorRegistry.aggregate([...processes]).metrics();
}

/** `onCollect`: called before each reading, to set gauges. */
export function createMetrics(onCollect: (gauges: { readonly rowsWaiting: Gauge }) => void) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'ghee_process_' });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers });
  const rowsWaiting: Gauge = new Gauge({
    name: 'ghee_log_rows_waiting',
    help: 'Rows of the request log that wait to be written',
    registers,
    collect: () => onCollect({ rowsWaiting }),
  });
  return {
    registry,
    calls: counter('ghee_calls_total', 'Calls by outcome and reason', ['outcome', 'reason']),
    callSeconds: new Histogram({
      name: 'ghee_call_seconds',
      help: 'Time from the first byte of a call to the last byte of its answer',
      labelNames: ['outcome'],
      buckets: BUCKETS,
      registers,
    }),
    tokensSaved: counter('ghee_tokens_saved_total', 'Tokens that hits did not use', ['direction']),
    usdSaved: counter('ghee_usd_saved_total', 'Dollars that hits did not cost'),
    unusable: counter('ghee_answers_unusable_total', 'Answers that are not learned from', [
      'reason',
    ]),
    observed: counter('ghee_would_hits_total', 'What would have been hits (observe)', ['verdict']),
    audits: counter('ghee_audits_total', 'Audits of this process by result', ['result']),
    auditTokens: counter('ghee_audit_tokens_total', 'Tokens that audits used', ['direction']),
    auditUsd: counter('ghee_audit_usd_total', 'Dollars that audits cost'),
    feedback: counter('ghee_feedback_total', 'Feedback by effect', ['effect']),
    rowsLeftOut: counter('ghee_log_rows_left_out_total', 'Calls without a row in the log', ['why']),
  };
}
