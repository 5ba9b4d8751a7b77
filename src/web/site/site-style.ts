/** What pages with several of them have beside the report's style. */
export const siteStyle = `
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--ground);padding:.3rem .6rem;z-index:2}
.top{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;align-items:baseline;border-bottom:1px solid var(--line);padding:.5rem 1rem;max-width:72rem;margin:0 auto}
.top nav{font-weight:700}.top form{margin-left:auto}.top .note{margin:0}.top p.note:last-child{margin-left:auto}
main:focus{outline:none}
.lanes{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1rem;list-style:none;padding:0;counter-reset:lane}
.lane{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .9rem;min-width:0}
.lane h3{margin:.1rem 0 .4rem}.lane dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .8rem;margin:.4rem 0}.lane dt{color:var(--soft)}.lane dd{margin:0;overflow-wrap:anywhere}
.lane.stands{border-color:var(--bad);border-width:2px}.lane.moves{border-color:var(--link)}
progress{width:100%;height:.8rem;accent-color:var(--link)}
.say{border:1px solid var(--line);border-radius:.4rem;padding:.4rem .9rem;margin:.6rem 0}.say form{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:.6rem 0}
.say label{display:grid;font-size:.9em;color:var(--soft)}.say input[name=reason]{width:22rem;max-width:80vw}
.filter{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:.8rem 0}.filter label{display:grid;font-size:.9em;color:var(--soft)}
td ul{margin:0}.parts{padding-left:1.5rem}.timeline time{color:var(--soft);font-variant-numeric:tabular-nums;white-space:nowrap}
button{cursor:pointer}
.nodes{columns:16rem;padding-left:1.2rem}
@media print{.top form,.say,.skip,#live{display:none!important}.lane{break-inside:avoid-page}}
`.trim();
