/**
 * The page's script: filters, and a node's own diff. It reads numbers and names from the JSON of the page, and puts text into the page as text
 * alone. Without it the page says the same, folded.
 */
export const script = `
"use strict";
const at=(id)=>document.getElementById(id);
const data=JSON.parse(at("data").textContent);
const form=at("filters");
const numbers=(ranges)=>ranges===""?[]:ranges.split(",").flatMap((run)=>{const[from,to=from]=run.split("-").map(Number);return Array.from({length:to-from+1},(_,n)=>from+n)});
const effects=form?[...document.querySelectorAll(".effect")].map((card,n)=>({card,nodes:numbers(data.effects[n]),edits:[...card.querySelectorAll(".edit")].map((edit)=>({edit,nodes:numbers(edit.dataset.nodes)}))})):[];
const patterns=[...document.querySelectorAll(".pattern")].map((card)=>({card,nodes:numbers(card.dataset.nodes)}));
let only=null;
const textOf=(effect)=>effect.text??=effect.card.textContent.toLowerCase();
function filter(){
  const service=at("service").value,datacentre=at("datacentre").value,type=at("type").value,concern=at("concern")?.value??"",text=at("text").value.trim().toLowerCase();
  const placed=data.nodes.map(([,services,where],n)=>(only===null||n===only)&&(service===""||services.includes(service))&&(datacentre===""||where===datacentre));
  const named=text===""?null:data.nodes.map(([name])=>name.toLowerCase().includes(text));
  const reached=new Set();
  let shown=0;
  for(const effect of effects){
    const{card,nodes,edits}=effect;
    const here=nodes.filter((n)=>placed[n]);
    const found=named===null||textOf(effect).includes(text)||here.some((n)=>named[n]);
    const show=here.length>0&&found&&(type===""||card.dataset.type===type)&&(concern===""||card.dataset.concerns.split(" ").includes(concern));
    card.hidden=!show;
    for(const{edit,nodes}of edits)edit.hidden=!nodes.some((n)=>placed[n]);
    if(show){shown+=1;for(const n of here)reached.add(n)}
  }
  for(const{card,nodes}of patterns)card.hidden=!nodes.some((n)=>placed[n]&&(named===null||reached.has(n)));
  at("shown").textContent=shown===effects.length&&only===null?shown+(shown===1?" effect":" effects"):shown+" of "+effects.length+" effects, on "+reached.size+(reached.size===1?" node":" nodes");
  at("nothing").hidden=shown>0;
  at("one").hidden=only===null;
  if(only!==null)at("one").querySelector("b").textContent=data.nodes[only][0];
}
function show(change){
  form.reset();only=null;change();filter();
  const left=effects.filter(({card})=>!card.hidden);
  if(left.length<=20)for(const{card,edits}of left){card.open=true;for(const{edit}of edits)if(!edit.hidden&&only!==null)edit.open=true}
  at("changes").scrollIntoView();at("changes").focus({preventScroll:true});
}
if(form){
  form.hidden=false;
  form.addEventListener("input",filter);
  form.addEventListener("submit",(event)=>event.preventDefault());
  form.addEventListener("reset",()=>{only=null;setTimeout(filter)});
  at("one").querySelector("button").addEventListener("click",()=>{only=null;filter()});
  at("all").addEventListener("click",()=>{const closed=effects.some(({card})=>!card.hidden&&!card.open);for(const{card}of effects)if(!card.hidden)card.open=closed;at("all").textContent=closed?"Close all":"Open all"});
  document.addEventListener("click",(event)=>{
    const link=event.target.closest("a.node,a.cell,a.look");
    if(link===null||event.ctrlKey||event.metaKey||event.shiftKey)return;
    event.preventDefault();
    show(()=>{
      if(link.dataset.node!==undefined)only=Number(link.dataset.node);
      if(link.dataset.service!==undefined)at("service").value=link.dataset.service;
      if(link.dataset.datacentre!==undefined)at("datacentre").value=link.dataset.datacentre;
      if(link.dataset.concern!==undefined)at("concern").value=link.dataset.concern;
    });
  });
  filter();
}
addEventListener("beforeprint",()=>{for(const each of document.querySelectorAll(".effect:not([hidden]),.edit:not([hidden])"))each.open=true});
`.trim();
