/**
 * The report of a replay: one HTML file with everything in it, no script, no request to anybody. Recordings hold
 * anything, so every text goes through `escape` or through a serializer of its own.
 */
import { describeNoise, type NoiseCost } from './noise.ts';
import { behaviourChart, COLOURS, dollarChart, hitChart, reasonChart } from './report-charts.ts';
import { STYLE } from './report-style.ts';
import type { ReplayMode } from './replay.ts';
import type { Settled } from './judge.ts';
import type { Figures, Summary, ValuedCall } from './summary.ts';

const FALSE_HITS_SHOWN = 100;
const BEHAVIOURS_SHOWN = 500;

export interface ReportInput {
  readonly title: string;
  readonly mode: ReplayMode;
  readonly summary: Summary;
  readonly noise: readonly NoiseCost[];
  /** Entries of the recording that were left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly settled: Settled | undefined;
}

/** Nothing may be loaded or run, whatever the recording holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export function renderReport(input: ReportInput, calls: readonly ValuedCall[]): string {
  const { title, summary, noise } = input;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="color-scheme" content="light dark">
<title>Ghee on ${escape(title)}</title><style>${STYLE}</style></head><body><main>
<h1>What Ghee would save</h1>
<p class="lead">${verdict(input)}</p>
<div class="cards">${cards(summary)}</div>
<h2>Hits over time</h2>
${legend([
  ['var(--hit)', 'share of hits so far'],
  ['var(--soft)', 'of late'],
  ...(summary.falseHits > 0 ? [['var(--wrong)', 'a false hit'] as const] : []),
])}
${hitChart(calls)}
${section('Dollars saved so far', dollarChart(calls))}
${section('Why calls were not served', reasonChart(summary) + reasonList(summary))}
<h2>What noise costs</h2>
${noiseList(noise)}
<h2>By behaviour</h2>
${legend(Object.entries(COLOURS).map(([what, colour]) => [colour, what] as const))}
${behaviourChart(summary)}
${behaviourTable(summary)}
<h2>False hits</h2>
${falseHitList(calls)}
<h2>How this was measured</h2>
<ul>${notes(input)
    .map((note) => `<li>${escape(note)}</li>`)
    .join('')}</ul>
</main></body></html>
`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h2>${title}</h2>${content}`;
}

function verdict({ title, mode, summary }: ReportInput): string {
  const { calls, hits, falseHits } = summary;
  const served = mode === 'live' ? 'answered' : 'would have answered';
  const right =
    falseHits === 0
      ? 'every answer was the recorded one'
      : `${number(falseHits)} of these answers ${falseHits === 1 ? 'was' : 'were'} wrong`;
  return `Of ${number(calls)} calls in <b>${escape(title)}</b>, Ghee ${served} <b>${number(hits)}</b> without a model; ${hits === 0 ? 'there was too little to learn from' : right}.`;
}

function cards(summary: Summary): string {
  const { saved, induction, hits, falseHits } = summary;
  const right = hits - falseHits;
  const entries: readonly (readonly [label: string, value: string, bad?: boolean])[] = [
    ['of the calls hit', percent(summary.hitRate)],
    ['of the hits were wrong', percent(summary.falseHitRate), falseHits > 0],
    [
      saved.priced === 0 && right > 0 ? 'saved: no price is known' : 'saved, net of induction',
      saved.priced === 0 && right > 0 ? '–' : dollars(summary.dollarsNet),
    ],
    [
      saved.timed === 0 ? 'of waiting saved: not recorded' : 'of waiting saved',
      saved.timed === 0 ? '–' : duration(saved.seconds),
    ],
    ['tokens not paid for', number(saved.promptTokens + saved.completionTokens)],
    ['for the median hit', `${summary.p50.toFixed(1)} ms`],
    ['or more for the slowest 1 % of hits', `${summary.p99.toFixed(1)} ms`],
    ['of induction in the background', duration(induction.seconds)],
  ];
  return entries
    .map(
      ([label, value, isBad = false]) =>
        `<div${isBad ? ' class="bad"' : ''}><b>${value}</b>${label}</div>`,
    )
    .join('');
}

function legend(entries: readonly (readonly [colour: string, label: string])[]): string {
  const items = entries.map(
    ([colour, label]) => `<span><i style="background:${colour}"></i>${label}</span>`,
  );
  return `<p class="legend">${items.join('')}</p>`;
}

/** What the reasons of misses mean that a replay shows often. */
const REASONS: Readonly<Record<string, string>> = {
  no_path: 'nothing like it had been learned yet',
  probation: 'a template predicted the answer, and was still being tried',
  no_answer: 'its messages were known, and no answer below them fitted',
  ambiguous: 'it fitted in more than one way',
  disagreement: 'templates that fitted gave different answers',
  derivation_abstains: 'a value could not be computed with certainty',
  vetoed: 'somebody said that this answer is wrong',
};

function reasonList({ reasons }: Figures): string {
  const known = Object.keys(reasons).flatMap((reason) => {
    const text = REASONS[reason];
    return text === undefined ? [] : [`<dt>${escape(reason)}</dt><dd>${text}</dd>`];
  });
  return known.length === 0 ? '' : `<dl class="words">${known.join('')}</dl>`;
}

function noiseList(noise: readonly NoiseCost[]): string {
  if (noise.length === 0) return '<p>There are no timestamps, ids or separators that change.</p>';
  return `<ul>${noise.map((cost) => `<li>${escape(describeNoise(cost))}</li>`).join('')}</ul>`;
}

function behaviourTable(summary: Summary): string {
  const all = Object.entries(summary.byBehaviour).sort(([, a], [, b]) => b.calls - a.calls);
  const heads = [
    ...['behaviour', 'calls', 'hits', 'false', 'net', 'waiting saved', 'induction'],
    'misses and bypasses',
  ];
  const head = heads.map((text) => `<th>${text}</th>`).join('');
  const rows = all.slice(0, BEHAVIOURS_SHOWN).map(([name, of]) => {
    const reasons = Object.entries(of.reasons).map(([reason, count]) => `${reason} ${count}`);
    const cells = [
      `<td class="name">${escape(name)}</td>`,
      figure(number(of.calls)),
      figure(percent(of.hitRate)),
      figure(number(of.falseHits), of.falseHits > 0),
      figure(of.saved.priced === 0 && of.hits > 0 ? '–' : dollars(of.dollarsNet)),
      figure(of.saved.timed === 0 ? '–' : duration(of.saved.seconds)),
      figure(duration(of.induction.seconds)),
      `<td>${escape(reasons.join(', '))}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  const more = all.length - rows.length;
  const rest = more > 0 ? `<p>… and ${number(more)} more behaviours.</p>` : '';
  return `<details${all.length <= 30 ? ' open' : ''}><summary>All figures</summary><div class="scroll"><table><tr>${head}</tr>${rows.join('')}</table></div>${rest}</details>`;
}

function figure(text: string, isBad = false): string {
  return `<td class="n${isBad ? ' bad' : ''}">${text}</td>`;
}

function falseHitList(calls: readonly ValuedCall[]): string {
  const wrong = calls.flatMap(({ behaviour, wrong: is }) =>
    is === undefined ? [] : [{ behaviour, ...is }],
  );
  if (wrong.length === 0) return '<p>None: every answer that was served is the recorded one.</p>';
  const shown = wrong
    .slice(0, FALSE_HITS_SHOWN)
    .map(
      ({ behaviour, question, served, recorded }) =>
        `<article><h3>${escape(behaviour)}</h3><dl><dt>asked</dt><dd>${escape(question)}</dd><dt>served</dt><dd class="bad">${escape(served)}</dd><dt>recorded</dt><dd>${escape(recorded)}</dd></dl></article>`,
    );
  const more = wrong.length - shown.length;
  return shown.join('') + (more > 0 ? `<p>… and ${number(more)} more.</p>` : '');
}

function notes({ mode, summary, skipped, settled }: ReportInput): string[] {
  const { saved, induction, hits, falseHits, secondsTotal } = summary;
  const right = hits - falseHits;
  return [
    mode === 'live'
      ? `The calls went through a real Ghee one after the other, in the order of the recording, in ${duration(secondsTotal)}; the provider behind it answered from the recording.`
      : `Every call was forwarded to a provider that answers from the recording; what Ghee would have served was compared with it.`,
    'A false hit is a served answer that differs from the recorded one in more than blanks, JSON formatting and ids of tool calls. It saves nothing.',
    `Induction: ${number(induction.runs)} runs, ${dollars(induction.dollars)} for models.`,
    ...(saved.counted < right
      ? [
          `${number(right - saved.counted)} hits have no token counts in the recording: four characters were taken for one token.`,
        ]
      : []),
    ...(saved.priced < right
      ? [`${number(right - saved.priced)} hits are of models without a known price.`]
      : []),
    ...(saved.timed < right
      ? [`${number(right - saved.timed)} hits: the recording does not say how long the call took.`]
      : []),
    ...Object.entries(skipped).map(
      ([reason, count]) => `${number(count)} entries of the recording were left out: ${reason}.`,
    ),
    ...(settled === undefined
      ? []
      : [
          `A model judged ${settled.asked} answers that differ in wording: ${settled.same} say the same and do not count as false.`,
        ]),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function dollars(amount: number): string {
  const digits = Math.abs(amount) >= 100 ? 0 : Math.abs(amount) >= 1 ? 2 : 4;
  return `${amount < 0 ? '−' : ''}$${Math.abs(amount).toFixed(digits)}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
