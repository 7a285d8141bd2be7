/** How a replay's report looks, in light and dark, on wide and on narrow screens. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#23211c;--quiet:#6b665c;--paper:#fffdf8;--card:#f6f1e4;--line:#e6dfcf;--hit:#b8820a;--soft:#a9a294;--faint:#ddd6c6;--wrong:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#ece6d8;--quiet:#a49d8f;--paper:#191712;--card:#25221b;--line:#3a352a;--hit:#e8b23c;--soft:#7d766a;--faint:#48433a;--wrong:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .5rem}
h2{font-size:1.2rem;margin:2.75rem 0 .5rem}
h3{font-size:.95rem;margin:0 0 .35rem;overflow-wrap:anywhere}
.lead{font-size:1.1rem;margin:0 0 1.5rem;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(180px,1fr));gap:.75rem}
.cards div{background:var(--card);border-radius:10px;padding:.75rem 1rem;color:var(--quiet);font-size:.85rem;line-height:1.35}
.cards b{display:block;font-size:1.5rem;color:var(--ink);font-variant-numeric:tabular-nums;line-height:1.3}
.cards .bad b{color:var(--wrong)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.25rem 0 .5rem;color:var(--quiet);font-size:.85rem}
.legend i{display:inline-block;width:.8em;height:.8em;border-radius:3px;margin-right:.45em}
.chart svg{display:block;width:100%;height:auto}
.narrow{display:none}
details{margin-top:1rem}
summary{cursor:pointer;color:var(--quiet)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.82rem;margin-top:.5rem}
td,th{padding:.35rem .6rem .35rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--quiet);font-weight:600;white-space:nowrap}
.name{min-width:11rem;max-width:22rem;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.bad{color:var(--wrong)}
.words{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.85rem;color:var(--quiet);margin:.75rem 0 0}
.words dt{font-family:ui-monospace,monospace}
.words dd{margin:0}
article{background:var(--card);border-radius:10px;padding:.75rem 1rem;margin:.75rem 0}
article dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin:0;font-size:.85rem}
article dt{color:var(--quiet)}
article dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap;min-width:0}
li{margin:.25rem 0;overflow-wrap:anywhere}
@media (max-width:640px){.wide{display:none}.narrow{display:block}main{padding-top:1.5rem}h1{font-size:1.6rem}.cards{grid-template-columns:1fr 1fr}.words,article dl{grid-template-columns:1fr;gap:0}.words dd,article dd{margin-bottom:.4rem}}
@media print{details>*{display:block}}`;
