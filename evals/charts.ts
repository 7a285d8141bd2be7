/**
 * Charts as SVG text, drawn by Observable Plot on this machine: no script, no font and no request to anybody. Colours
 * are CSS variables, so whoever shows a chart decides on light and dark.
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const FONT = '12px system-ui, sans-serif';

/** What we need of the DOM, whose types are a browser's. */
interface Drawn {
  setAttribute(name: string, value: string): void;
  readonly outerHTML: string;
}

/** `label` is what a screen reader says. Texts in `options` are escaped by the serializer. */
export function drawChart(label: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html></html>') as { readonly document: unknown };
  const style = { background: 'none', color: 'var(--ink)', font: FONT, overflow: 'visible' };
  const figure = Plot.plot({
    ...options,
    ...{ document, style, ariaLabel: label },
  }) as unknown as Drawn;
  figure.setAttribute('role', 'img');
  return figure.outerHTML;
}
