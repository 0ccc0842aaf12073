/** The colours on a light ground, as custom properties. */
export const LIGHT = `
--paper:#fcfbf9;--raised:#fff;--ink:#1c2126;--soft:#58616b;--hair:#e6e2da;--edge:#cfc9bf;--link:#1b5fa8;--warm:#f2ede3;
--arrivals:#7f93a8;--in-use:#a9cfe6;--size:#0f4c81;--target:#b4530a;--waiting:#8c1f45;--most-waiting:#efc4d1;
--p99:#cfc4ea;--p50:#4b2e9b;--level:#3d444c;--permits:#157052;--in-use-edge:#5a97bd;--most-waiting-edge:#cf7f99;--p99-edge:#937fca;--up:#157052;--down:#a2480a;--both:#58616b;--bar:#3f7fb5;`;
const DARK = `
--paper:#14171b;--raised:#1f242a;--ink:#e8e6e1;--soft:#a0a8b1;--hair:#2b3138;--edge:#434b54;--link:#84b9f0;--warm:#1d2126;
--arrivals:#6d8299;--in-use:#234c6b;--size:#79b8ee;--target:#f0a15c;--waiting:#f28bab;--most-waiting:#5c2a3c;
--p99:#443872;--p50:#b9a5f5;--level:#c4cad1;--permits:#5cc79c;--in-use-edge:#46789d;--most-waiting-edge:#a5566f;--p99-edge:#7a69b8;--up:#5cc79c;--down:#f0a15c;--both:#a0a8b1;--bar:#5b9fd6;`;

/** The page's only style sheet: a phone's width and up, light and dark, screen and paper. */
export const STYLE: string = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
header,main{max-width:860px;margin:0 auto;padding:0 16px}
header{padding-top:28px}main{padding-bottom:48px}
h1,h2,h3{line-height:1.2;text-wrap:balance}
h1{font-size:1.75rem;margin:0 0 8px}
h2{font-size:1.3rem;margin:44px 0 8px;padding-top:14px;border-top:1px solid var(--edge)}
h3{font-size:.9rem;margin:0}
p{margin:0 0 12px;max-width:70ch}
a{color:var(--link)}
.brand{margin:0 0 4px;font-size:.8rem;font-weight:600;letter-spacing:.04em;color:var(--soft)}
.lead{font-size:1.05rem}
.facts{color:var(--soft);font-size:.85rem}
nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px}
nav a{display:inline-block;padding:4px 0}
.skip{position:absolute;left:-999px;top:0;padding:8px;background:var(--raised)}
.skip:focus{left:8px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}

.bars{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:20px 32px;margin:20px 0 28px}
.bars dl{margin:8px 0 0}
.bars dl>div{display:grid;grid-template-columns:1fr auto;gap:0 12px;font-size:.85rem;margin-bottom:6px}
.bars dd{margin:0;font-variant-numeric:tabular-nums}
.bars .bar{grid-column:1/-1;line-height:0}
.track{fill:var(--hair)}.value{fill:var(--bar)}.whisker{stroke:var(--ink);stroke-width:1.5}

.scroll{overflow-x:auto;margin:8px 0 20px}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:5px 10px;border-bottom:1px solid var(--hair);vertical-align:top;text-align:left;font-weight:400}
th:first-child,td:first-child{padding-left:0}
thead th{font-weight:600;border-bottom-color:var(--edge);vertical-align:bottom}
.scroll td,.scroll thead th:not(:first-child){text-align:right;overflow-wrap:normal}
.scroll tbody th{overflow-wrap:break-word}
.options th,.decisions th,.decisions td:nth-child(2){white-space:nowrap}
.options thead th:first-child{width:30%}
code,pre{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--raised);border:1px solid var(--edge);border-radius:6px;padding:12px 14px;white-space:pre-wrap;margin:0}
details{margin:8px 0}summary{cursor:pointer;padding:4px 0;color:var(--link)}

.chart{margin:20px 0 8px}
.plot{position:relative;margin:0 10px 0 52px;touch-action:pan-y}
.panel{margin-bottom:14px}
.head{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 14px;margin:0 0 9px -52px}
.key{font-size:.8rem;color:var(--soft);white-space:nowrap}
.key svg{margin-right:5px;vertical-align:-1px}
.panel>svg,.time{display:block;overflow:visible}
.grid line,.rail{stroke:var(--hair);stroke-width:1;shape-rendering:crispEdges}
.rail{stroke:var(--edge)}
.warm-up{fill:var(--warm)}
.ticks text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums;text-anchor:end}
.time .ticks text{text-anchor:middle}
.unit{margin:0;max-width:none;font-size:.8rem;color:var(--soft);text-align:center}
figcaption{margin-top:10px;font-size:.8rem;color:var(--soft);max-width:80ch}
.line{fill:none;stroke-width:1.75;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.area{stroke-width:1;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.area.arrivals{fill:var(--arrivals)}.area.in-use{fill:var(--in-use);stroke:var(--in-use-edge)}
.area.most-waiting{fill:var(--most-waiting);stroke:var(--most-waiting-edge)}.area.p99{fill:var(--p99);stroke:var(--p99-edge)}
.line.size{stroke:var(--size)}.line.target{stroke:var(--target);stroke-dasharray:5 3}
.line.waiting{stroke:var(--waiting)}.line.p50{stroke:var(--p50)}
.line.permits{stroke:var(--permits);stroke-dasharray:7 2 2 2}
.line.level{stroke:var(--level);stroke-width:1;stroke-dasharray:2 3}
.mark{cursor:pointer;outline:none}.mark rect{fill:transparent}
.mark path,.key path{stroke:var(--paper);stroke-width:1}
.up path{fill:var(--up)}.down path{fill:var(--down)}.both path{fill:var(--both)}.same path{fill:none;stroke:var(--both);stroke-width:2}
.mark.on path{stroke:var(--ink);stroke-width:1.5}
.mark:focus-visible rect{stroke:var(--link);stroke-width:2}
.cross{position:absolute;top:0;bottom:40px;width:0;border-left:1px solid var(--soft);pointer-events:none}
.tip{position:absolute;z-index:1;width:max-content;max-width:min(290px,100%);padding:8px 10px;background:var(--raised);border:1px solid var(--edge);border-radius:6px;box-shadow:0 4px 14px #0003;font-size:.8rem;line-height:1.4;pointer-events:none}
.tip p{margin:0}
.tip dl{display:grid;grid-template-columns:1fr auto;gap:0 14px;margin:0}
.tip dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.tip dt{color:var(--soft)}
[hidden]{display:none}
@media (max-width:480px){
body{font-size:15px}h1{font-size:1.45rem}
.plot{margin-left:44px}.head{margin-left:-44px}
.scroll th,.scroll td{padding-left:6px;padding-right:6px}
.scroll th:first-child{padding-left:0;min-width:104px}
}
@media print{
:root{${LIGHT}--paper:#fff}
body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
nav,.skip,.cross,.tip{display:none}
header{padding-top:0}th,td{padding-top:3px;padding-bottom:3px}
.bars{grid-template-columns:repeat(3,1fr);margin:12px 0}h2{margin-top:20px}
.policy{break-before:page}.policy h2{margin-top:0;border-top:0;padding-top:0}
.chart,.bars,tr,pre{break-inside:avoid}h2,h3,summary{break-after:avoid}
.scroll{overflow:visible}header,main{max-width:none;padding-left:0;padding-right:0}
}
`;
