/** What pages with several of them have beside the report's style: quiet, dense, one look for all; colours by the shared names, so that both schemes hold. */
export const siteStyle = `
body{font-size:15px}
main{max-width:80rem;padding:1.2rem 1.5rem 3rem}
h1{font-size:1.45rem;font-weight:650;letter-spacing:-.01em;margin:.2rem 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.05rem;font-weight:650;margin:1.8rem 0 .6rem;padding-bottom:.25rem}
h3{font-size:.95rem}
a{text-underline-offset:.15em;text-decoration-thickness:1px}a:hover{text-decoration-thickness:2px}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.3rem .6rem;z-index:2}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.top{display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;align-items:center;border-bottom:1px solid var(--line);background:var(--panel);padding:.45rem max(1.5rem,calc((100vw - 77rem)/2))}
.top nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;align-items:center;min-width:0}.top nav ul{display:flex;flex-wrap:wrap;gap:.2rem;list-style:none;margin:0;padding:0}.top nav li{margin:0}
.brand{font-weight:700;text-decoration:none;color:var(--text)}.repository{color:var(--soft);overflow-wrap:anywhere}
.top nav li a{display:block;padding:.2rem .65rem;border-radius:.4rem;text-decoration:none;color:var(--text)}.top nav li a:hover{background:var(--line)}
.top nav li a[aria-current=page]{background:var(--ground);box-shadow:inset 0 0 0 1px var(--line);font-weight:600}
.top form{margin-left:auto;display:flex;gap:.6rem;align-items:center}.top .note{margin:0;font-size:.85em}.top p.note:last-child{margin-left:auto}
main:focus{outline:none}
.filter{display:flex;flex-wrap:wrap;gap:.5rem .8rem;align-items:end;margin:.8rem 0;padding:.7rem .9rem;background:var(--panel);border:1px solid var(--line);border-radius:.5rem}
.filter label{display:grid;gap:.15rem;font-size:.82em;color:var(--soft)}.filter input,.filter select{font-size:1.1em;height:2.1rem}.filter button{height:2.1rem}.filter select{max-width:13rem}.filter input:not([type=date]){width:11rem}.filter input[inputmode=decimal]{width:5rem}
button{cursor:pointer;background:var(--panel);border-color:var(--line);padding:.25rem .8rem}button:hover{border-color:var(--link)}.filter button{border-color:var(--link);color:var(--link);font-weight:600;background:var(--ground)}
.wide{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0}.wide table{width:100%;border-style:hidden}
.wide th,.wide td{border:0;border-bottom:1px solid var(--line);padding:.4rem .7rem}.wide tbody tr:last-child>*{border-bottom:0}.wide tbody tr:hover{background:var(--panel)}
.wide thead th{font-size:.82em;font-weight:600;color:var(--soft)}.wide tbody th{font-weight:400}
td ul{margin:0;padding:0;list-style:none}td li{margin:0 0 .1rem}td .note{font-size:.85em}
.measures{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.8rem;margin:1rem 0}
.measures>div{border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}.measures dt{font-size:.85em;color:var(--soft)}.measures dd{margin:0}.measures b{display:block;font-size:1.5rem;font-weight:650;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.measures .means{font-size:.82em;color:var(--soft);border-top:1px solid var(--line);margin-top:.5rem;padding-top:.4rem}
figure{margin:.5rem 0}.chart{width:100%;max-width:60rem;height:auto;display:block}.chart text{font-size:11px;fill:var(--soft);font-family:inherit}
.chart .axis{stroke:var(--line)}.chart .bar,.key.bar{fill:color-mix(in srgb,var(--link) 30%,var(--ground));background:color-mix(in srgb,var(--link) 30%,var(--ground))}
.chart .line{fill:none;stroke:var(--shade);stroke-width:2}.chart .dot{fill:var(--shade)}.key.line{background:var(--shade)}
.key{display:inline-block;width:.8em;height:.8em;border-radius:.2em;vertical-align:-.05em}.part{white-space:nowrap;margin-right:1rem}
.stacked{width:100%;max-width:40rem;height:.9rem;border-radius:.3rem;display:block;background:var(--line)}td .stacked{width:8rem;height:.5rem;display:inline-block;vertical-align:.1em;margin-left:.5rem}
.stacked .changed,.key.changed{fill:var(--link);background:var(--link)}.stacked .broken,.key.broken{fill:var(--bad);background:var(--bad)}.stacked .fixed,.key.fixed{fill:var(--good);background:var(--good)}
.stacked .not-analysable,.key.not-analysable{fill:var(--warn);background:var(--warn)}.stacked .pre-existing,.key.pre-existing{fill:var(--soft);background:var(--soft)}.stacked .unchanged,.key.unchanged{fill:var(--line);background:var(--line)}
.key.unchanged{box-shadow:inset 0 0 0 1px var(--soft)}
.open>li{border:1px solid var(--line);border-left:.3rem solid var(--soft);border-radius:.4rem;padding:.5rem .8rem;margin:.5rem 0}.open>li.fail{border-left-color:var(--bad)}.open>li.pending{border-left-color:var(--link)}.open>li.unknown{border-left-color:var(--warn)}.open .way{font-weight:600}.open p{margin:.25rem 0 0}
.wide:has(.grid){width:fit-content;max-width:100%}.wide .grid{width:auto}#changes tbody th{min-width:14rem}.numbers td{white-space:nowrap}.wide .grid caption{padding:.4rem .7rem}.wide .grid td{min-width:6rem}
.effects{list-style:none;padding:0}.effects li{padding:.3rem 0;border-bottom:1px solid var(--line)}.sign.added{color:var(--good)}.sign.removed{color:var(--bad)}.sign.changed,.sign.renamed{color:var(--warn)}
.lanes{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem;list-style:none;padding:0;align-items:start}
.lane{border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem;min-width:0}
.lane h2{margin:.1rem 0 .4rem;padding:0;border:0}.lane ul{padding-left:1.1rem;list-style:disc}.lane .tally{list-style:none;padding:.5rem 0 0;border-top:1px solid var(--line)}.lane p.since{margin:0;color:var(--soft)}@media (min-width:66rem){.lane.stands{grid-column:span 2}}
.lane .next{border-left:.25rem solid var(--warn);padding-left:.6rem}.lane .note{font-size:.87em}time.ago,.since time{white-space:nowrap}.said li{margin:.5rem 0}.watched{font-size:.87em;color:var(--soft)}
.lane dl,.pairs{display:grid;grid-template-columns:auto 1fr;gap:.15rem .8rem;margin:.4rem 0}.lane dt,.pairs dt{color:var(--soft)}.lane dd,.pairs dd{margin:0;overflow-wrap:anywhere;min-width:0}.lane dd .note{display:block;font-size:.78em}
.lane.stands{border-color:var(--bad);box-shadow:inset 0 3px 0 var(--bad)}.lane.moves{border-color:var(--link);box-shadow:inset 0 3px 0 var(--link)}
progress{width:100%;height:.6rem;accent-color:var(--link)}
.say{border:1px solid var(--line);border-radius:.5rem;padding:.4rem .9rem;margin:.8rem 0}.say h2{border:0;margin:.4rem 0}.say form{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:.6rem 0}
.say label{display:grid;font-size:.85em;color:var(--soft)}.say input[name=text]{width:22rem;max-width:80vw}
.parts{padding-left:1.5rem;list-style:none}
.timeline{list-style:none;padding:0 0 0 1rem;border-left:2px solid var(--line)}.timeline li{margin:.35rem 0;position:relative}.timeline li::before{content:"";position:absolute;left:-1.38rem;top:.5em;width:.55rem;height:.55rem;border-radius:50%;background:var(--ground);border:2px solid var(--soft)}
.timeline time{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap;margin-right:.5rem}
.evidence{border:1px solid var(--line);border-radius:.5rem;background:var(--panel);padding:.6rem .8rem;max-height:32rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.questions li{margin:.5rem 0}
.repositories{display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:.8rem;list-style:none;padding:0}.repositories li{border:1px solid var(--line);border-radius:.5rem;padding:.7rem 1rem;margin:0}.repositories li>a{font-weight:600}
.nodes{columns:16rem;padding-left:1.2rem}
@media (prefers-reduced-motion:no-preference){.top nav li a,button{transition:background .12s,border-color .12s}}
@media (max-width:40rem){main{padding:.8rem}.filter label{flex:1 1 9rem}.filter input,.filter select{max-width:none;width:100%}.filter label input:not([type=date]){width:100%}.top{padding:.45rem .8rem}.top nav li a{padding:.2rem .45rem}#changes thead{display:none}#changes table,#changes tbody,#changes tr,#changes th,#changes td{display:block;border:0}#changes tr{border-bottom:1px solid var(--line);padding:.3rem 0}#changes tr:last-child{border:0}#changes td:last-child:not(:empty)::before{content:"opened "}.top form{margin-left:0}.wide .tag{white-space:normal}.wide th,.wide td{padding:.35rem .5rem}}
@media print{time.ago::after{content:" (" attr(title) ")"}.top form,.top nav ul,.filter,.say,.skip,.pages,#live{display:none!important}.top{background:none}.lane,.measures>div,.effects li{break-inside:avoid-page}.evidence{max-height:none}.stacked,.chart{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`.trim();
