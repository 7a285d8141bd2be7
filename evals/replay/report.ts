/** The report of a replay: one HTML file with everything in it, no script, no request to anybody. */
import { describeNoise, type NoiseCost } from './noise.ts';
import type { ReplayedCall } from './replay.ts';
import type { Figures, Summary } from './summary.ts';

const FALSE_HITS_SHOWN = 100;
const CHART = { width: 720, height: 180 } as const;

export interface ReportInput {
  readonly title: string;
  readonly summary: Summary;
  readonly noise: readonly NoiseCost[];
}

export function renderReport(
  { title, summary, noise }: ReportInput,
  calls: readonly ReplayedCall[],
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title><style>${STYLE}</style></head><body>
<h1>What Ghee would save</h1>
<p>${escape(title)}: ${summary.calls} calls in ${summary.secondsTotal.toFixed(0)} s of replay.</p>
<div class="cards">${cards(summary)}</div>
<h2>Hits over time</h2>
<p>Share of hits among the calls so far (line) and false hits (red marks), in the order of the recording.</p>
${hitChart(calls)}
<h2>Why calls were not served</h2>
${reasonBars(summary)}
<h2>What noise costs</h2>
${noiseList(noise)}
<h2>By behaviour</h2>
${behaviourTable(summary)}
<h2>False hits</h2>
${falseHitList(calls)}
</body></html>
`;
}

function cards(summary: Summary): string {
  const saved = summary.tokensSaved.prompt + summary.tokensSaved.completion;
  const entries: readonly (readonly [string, string])[] = [
    ['of the calls hit', percent(summary.hitRate)],
    ['of the hits were wrong', percent(summary.falseHitRate)],
    ['saved', `$${summary.dollarsSaved.toFixed(2)}`],
    ['tokens saved', saved.toLocaleString('en')],
    ['median hit', `${summary.p50.toFixed(1)} ms`],
    ['slowest 1 % of hits', `${summary.p99.toFixed(1)} ms`],
  ];
  return entries.map(([label, value]) => `<div><b>${value}</b>${label}</div>`).join('');
}

/** One point for each pixel at most. */
function hitChart(calls: readonly ReplayedCall[]): string {
  const { width, height } = CHART;
  const x = (index: number): string =>
    ((width * (index + 1)) / Math.max(1, calls.length)).toFixed(1);
  const step = Math.max(1, Math.floor(calls.length / width));
  let hits = 0;
  const points: string[] = [];
  const marks: string[] = [];
  for (const [index, call] of calls.entries()) {
    if (call.cache === 'hit') hits++;
    if (index % step === 0)
      points.push(`${x(index)},${(height * (1 - hits / (index + 1))).toFixed(1)}`);
    if (call.wrong !== undefined)
      marks.push(
        `<line class="wrong" x1="${x(index)}" x2="${x(index)}" y1="${height - 12}" y2="${height}"/>`,
      );
  }
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const y = (height * (1 - share)).toFixed(1);
    return `<line class="grid" x1="0" x2="${width}" y1="${y}" y2="${y}"/><text x="${width + 4}" y="${y}">${share * 100} %</text>`;
  });
  return `<svg viewBox="0 -8 ${width + 48} ${height + 16}" role="img" aria-label="hit rate over time">${grid.join('')}${marks.join('')}<polyline points="${points.join(' ')}"/></svg>`;
}

function reasonBars({ reasons, calls }: Figures): string {
  const rows = Object.entries(reasons).map(([reason, count]) => {
    const share = count / Math.max(1, calls);
    return `<tr><td>${escape(reason)}</td><td class="n">${count}</td><td class="bar"><i style="width:${(share * 100).toFixed(1)}%"></i></td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function noiseList(noise: readonly NoiseCost[]): string {
  if (noise.length === 0) return '<p>No timestamps, ids or separators that change.</p>';
  return `<ul>${noise.map((cost) => `<li>${escape(describeNoise(cost))}</li>`).join('')}</ul>`;
}

function behaviourTable(summary: Summary): string {
  const head =
    '<tr><th>behaviour</th><th>calls</th><th>hits</th><th></th><th>false</th><th>saved</th><th>misses and bypasses</th></tr>';
  const rows = Object.entries(summary.byBehaviour)
    .sort(([, a], [, b]) => b.calls - a.calls)
    .map(([name, of]) => {
      const reasons = Object.entries(of.reasons).map(([reason, count]) => `${reason} ${count}`);
      return `<tr><td>${escape(name)}</td><td class="n">${of.calls}</td><td class="n">${percent(of.hitRate)}</td><td class="bar"><i style="width:${(of.hitRate * 100).toFixed(1)}%"></i></td><td class="n${of.falseHits > 0 ? ' bad' : ''}">${of.falseHits}</td><td class="n">$${of.dollarsSaved.toFixed(4)}</td><td>${escape(reasons.join(', '))}</td></tr>`;
    });
  return `<table>${head}${rows.join('')}</table>`;
}

function falseHitList(calls: readonly ReplayedCall[]): string {
  const wrong = calls.flatMap((call) =>
    call.wrong === undefined ? [] : [{ ...call, ...call.wrong }],
  );
  if (wrong.length === 0) return '<p>None: every answer that was served is the recorded one.</p>';
  const shown = wrong
    .slice(0, FALSE_HITS_SHOWN)
    .map(
      ({ behaviour, question, served, recorded }) =>
        `<dl><dt>${escape(behaviour)}</dt><dd>${escape(question)}</dd><dd class="bad">served: ${escape(served)}</dd><dd>recorded: ${escape(recorded)}</dd></dl>`,
    );
  const more = wrong.length - shown.length;
  return shown.join('') + (more > 0 ? `<p>… and ${more} more.</p>` : '');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Recordings hold anything: markup in them is shown, never run. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;max-width:860px;margin:2rem auto;padding:0 1rem;color:#222}
.cards{display:flex;flex-wrap:wrap;gap:.75rem}.cards div{background:#f5f3ec;border-radius:8px;padding:.6rem 1rem}.cards b{display:block;font-size:1.4rem}
table{border-collapse:collapse;width:100%}td,th{padding:.2rem .5rem;text-align:left;border-bottom:1px solid #eee;vertical-align:top}
.n{text-align:right;white-space:nowrap}.bar{width:140px}.bar i{display:block;height:.8em;background:#d9a520;border-radius:3px}
.bad{color:#b3261e}svg{width:100%}polyline{fill:none;stroke:#b8860b;stroke-width:2}.grid{stroke:#e5e5e5}.wrong{stroke:#b3261e}svg text{font-size:11px;fill:#777}
dl{border-left:3px solid #e5e5e5;padding-left:.75rem;overflow-wrap:anywhere}dd{margin:0}dt{font-weight:600}`;
