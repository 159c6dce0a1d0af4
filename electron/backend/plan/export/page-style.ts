/** How pages look that are passed on: a plan's, and a report's. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
del { opacity: .65; } ins { text-decoration: none; font-weight: 600; }
.digest { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
form { border: 1px solid #8886; border-radius: 8px; padding: 1rem; } label { display: block; margin-bottom: .7rem; }
input, textarea { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; } button { font: inherit; padding: .45rem 1rem; }
svg.pace { width: 100%; max-width: 44rem; height: auto; } .pace polyline { fill: none; stroke-width: 2; stroke: #2b8a3e; } .pace polyline.failed { stroke: #c92a2a; }
.share { display: block; height: .5rem; border-radius: .25rem; background: #c92a2a; min-width: 2px; }
@media print { form { display: none; } }
`;
