import { counted } from "../../gate/explain.ts";
import { moduleFacts, modulesOf, versionsOf } from "../../gate/module-words.ts";
import type { ModuleChange, Report } from "../../gate/report.ts";
import { markup, none, type Markup } from "../html.ts";

/** Modules from elsewhere that change: from what to what, whose word that is, the commits between and the files. */

const mostModules = 100;

export function modulesMarkup(report: Report): Markup {
  const modules = modulesOf(report);
  if (modules.length === 0) return none;
  return markup`<section aria-labelledby="modules">
    <h2 id="modules">Modules from elsewhere <span class="count">${modules.length}</span></h2>
    ${modules.slice(0, mostModules).map(moduleMarkup)}
    ${modules.length > mostModules ? markup`<p class="note">And ${modules.length - mostModules} more: the JSON report has them.</p>` : none}
  </section>`;
}

function moduleMarkup(change: ModuleChange): Markup {
  const { name, line, commits, files, moreFiles, published, unseen } = change;
  const facts = moduleFacts(change);
  const tag =
    published === false
      ? markup` <span class="tag fail">not published</span>`
      : unseen === undefined
        ? none
        : markup` <span class="tag unknown">unknown</span>`;
  const place = line === null ? none : markup` <span class="where">Puppetfile:${line}</span>`;
  const subjects = commits?.subjects ?? [];
  const unsaid = commits === null ? 0 : commits.ahead - subjects.length;
  return markup`<details class="module">
    <summary><code>${name}</code> ${versionsOf(change)}${tag}${place}${facts.length === 0 ? none : markup` <br /><span class="note">${facts.join(", ")}</span>`}</summary>
    ${
      subjects.length === 0
        ? none
        : markup`<h3>Commits</h3>
            <ul>
              ${subjects.map((subject) => markup`<li>${subject}</li>`)}
              ${unsaid > 0 ? markup`<li class="note">and ${counted(unsaid, "earlier commit")}</li>` : none}
            </ul>`
    }
    ${
      files.length === 0
        ? none
        : markup`<h3>Files</h3>
            <ul>
              ${files.map(({ path, status }) => markup`<li><span class="tag">${status}</span> <code>${path}</code></li>`)}
              ${moreFiles > 0 ? markup`<li class="note">and ${counted(moreFiles, "more file")}</li>` : none}
            </ul>`
    }
  </details>`;
}
