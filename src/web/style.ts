/** The page's style. Colours meet WCAG's contrast AA in both schemes; what they say is said in words or signs as well. */
export const style = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--link:#0550ae;--good:#116329;--bad:#a40e26;--warn:#7a4d00;
--goodground:#dafbe1;--badground:#ffebe9;--warnground:#fff3c4;--goodmark:#abf2bc;--badmark:#ffc1bc;--shade:#e8590c}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--soft:#9aa4af;--line:#373e47;--panel:#161b22;--link:#79b8ff;--good:#7ee787;--bad:#ffa198;--warn:#f2cc60;
--goodground:#12321c;--badground:#3d1518;--warnground:#362b08;--goodmark:#1f6f36;--badmark:#8a2a2d;--shade:#d9480f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.4rem 0}ul{margin:.4rem 0;padding-left:1.2rem}li{margin:.2rem 0}
a{color:var(--link)}
code,pre{font:.875em/1.45 ui-monospace,monospace}
code,b,p,li,summary{overflow-wrap:anywhere}
th,td,th *,td *{overflow-wrap:break-word}thead th{white-space:nowrap}td{min-width:4rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.counts{font-size:1.1rem;font-weight:600}
.note,.count{color:var(--soft);font-weight:400}
.outcome{padding:.1em .5em;border-radius:.3em;border:2px solid}
.outcome.pass{color:var(--good);background:var(--goodground)}.outcome.blocked{color:var(--bad);background:var(--badground)}.outcome.unknown{color:var(--warn);background:var(--warnground)}
.tag{display:inline-block;font-size:.8em;padding:0 .4em;border:1px solid var(--line);border-radius:.3em;background:var(--panel);color:var(--soft);white-space:nowrap}
.tag.fail{color:var(--bad);background:var(--badground)}.tag.unknown,.tag.look{color:var(--warn);background:var(--warnground)}.tag.pass{color:var(--good);background:var(--goodground)}.tag.pending{color:var(--link)}
.reasons{list-style:none;padding:0}
.looks{border-left:.3rem solid var(--warn);padding:.1rem 0 .1rem 1rem;margin:1.5rem 0}.looks h2{margin-top:.2rem;border:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--soft);font-size:.9em;padding-bottom:.3rem}
th,td{border:1px solid var(--line);padding:.25rem .6rem;text-align:left;vertical-align:top}thead th{background:var(--panel)}
.grid td{text-align:center;white-space:nowrap;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.grid a{color:inherit;display:block}
${Array.from({ length: 10 }, (_, at) => `.s${at + 1}{background:color-mix(in srgb,var(--shade) ${6 + at * 4}%,var(--ground))}`).join("")}
.s10{font-weight:700}
details>summary{cursor:pointer}
.effect,.pattern,.module{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:0 .8rem}
.effect>summary,.pattern>summary,.module>summary{padding:.5rem .8rem;margin:0 -.8rem;background:var(--panel);border-radius:.4rem}
.sign{display:inline-block;width:1.2em;text-align:center;font-weight:700}
.added>summary .sign{color:var(--good)}.removed>summary .sign{color:var(--bad)}.changed>summary .sign{color:var(--warn)}
.where{color:var(--soft);white-space:nowrap}
.edit{margin:.6rem 0;padding-left:.8rem;border-left:2px solid var(--line)}
.diff{margin:.5rem 0;border:1px solid var(--line);border-radius:.3rem;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4;background:var(--ground)}
.diff>*{display:block;padding:0 .5rem;text-decoration:none;font-style:normal}
.diff del{background:var(--badground)}.diff ins{background:var(--goodground)}.diff i{color:var(--soft);background:var(--panel)}
.diff em{font-style:normal;font-weight:700;border-radius:.2em}.diff del em{background:var(--badmark)}.diff ins em{background:var(--goodmark)}
#filters{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;position:sticky;top:0;z-index:1;background:var(--ground);border-bottom:1px solid var(--line);padding:.6rem 0}
#filters[hidden],[hidden]{display:none!important}
#filters label{display:grid;font-size:.85em;color:var(--soft)}
#filters p,#filters output{flex-basis:100%;margin:0}
select,input,button{font:inherit;color:var(--text);background:var(--ground);border:1px solid var(--soft);border-radius:.3rem;padding:.25rem .5rem;max-width:16rem}
footer{margin-top:3rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9em}
@media (max-width:40rem){main{padding:.6rem}#filters{position:static}select,input{max-width:10rem}}
@media print{#filters{display:none!important}main{max-width:none}.wide{overflow:visible}h2{break-after:avoid-page}.effect,.pattern,tr{break-inside:avoid-page}details::details-content{content-visibility:visible;block-size:auto}a{color:inherit;text-decoration:none}}
`.trim();
