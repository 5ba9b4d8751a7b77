import type { z } from "zod";
import { reportSchema, type Report } from "../../src/gate/report.ts";

/**
 * Texts that try everything which ever got out of a page, a comment or a terminal, each under a name of its own. What a browser runs sets
 * `window.__x`; what it would fetch lies at evil.example.
 */
export const hostileTexts: Readonly<Record<string, string>> = {
  markup:
    '</script><script>window.__x=1</script>"><img src="https://evil.example/p" onerror="window.__x=2"></style><style>*{display:none}</style><!--<svg/onload=window.__x=3><iframe srcdoc="<script>parent.__x=4</script>"></title></textarea><base href=//evil.example><meta http-equiv=refresh content="0;url=https://evil.example">',
  attributes: `" onfocus="window.__x=5" autofocus tabindex=1 x='" onmouseover=window.__x=6 \` style="position:fixed;inset:0" ]]>&lt;script&gt;&#60;script&#62;\${window.__x=7}`,
  addresses:
    "javascript:window.__x=8 data:text/html,<script>x</script> https://evil.example/x www.evil.example mailto:a@evil.example //evil.example",
  markdown:
    "x`\n\n</details></summary>\n# Ready\n@acme/everybody @octocat ![p](https://evil.example/p) [x](javascript:window.__x=9) <https://evil.example>\n- [ ] list\n\n```\n~~~\n| a | b |\n|---|---|\n**bold** _it_ #1 acme/control#2 GH-3 :tada: $x^2$\n<!-- puppet-gate: the one comment of this pull request -->\n[r]: https://evil.example\n\\`",
  terminals: "\u001B[2J\u001B]0;title\u0007\u001B[31mred\u009B31m\b\b\r over\u0000nul\u007F",
  bidi: "\u202Egpj.exe\u202C \u2066lri\u2069 \u200Fmark\u200B \u05D0\u05D1\u05D2 (12) \u0634\u0631 -> [34]",
  halves: "\uD800 lone \uDC00 \uFFFE \uFFFF \u{E0041} \u2028line\u2029paragraph \u3164filler \u0301\u0301\u0301marks",
  wide: "x".repeat(3_000),
  blank: "",
};

export interface Walk {
  report: Report;
  /** Places of texts, as `groups.title`; a test says of some that they are there, so that nobody walks past them. */
  places: ReadonlySet<string>;
}

/**
 * A report whose every text is this one, made by walking the schema: a field that is added to it is hostile the same day. Lists have two
 * entries, everything optional is there, and choices take their turns.
 */
export function walkedReport(text: string): Walk {
  const places = new Set<string>();
  let turn = 0;
  const fill = (schema: z.core.$ZodType, path: string): unknown => {
    const { def } = schema._zod as unknown as { def: Def };
    switch (def.type) {
      case "object":
        return Object.fromEntries(
          Object.entries(def.shape).map(([name, inner]) => [name, fill(inner, path === "" ? name : `${path}.${name}`)]),
        );
      case "array":
        return [fill(def.element, path), fill(def.element, path)];
      case "record":
        return { [text]: fill(def.valueType, path) };
      case "optional":
      case "nullable":
        return fill(def.innerType, path);
      case "enum":
        return Object.values(def.entries)[turn++ % Object.keys(def.entries).length];
      case "literal":
        return def.values[0];
      case "string":
        places.add(path);
        return text;
      case "number":
        return 1;
      case "boolean":
        return true;
      case "lazy":
        places.add(path);
        return json(turn++, text);
      default:
        throw new Error(`the walk knows no schema of the type ${(def as { type: string }).type}, at ${path}`);
    }
  };
  // An effect of each kind, its values in each of their forms.
  const whole = fill(reportSchema, "") as Report;
  const groups = Array.from({ length: 40 }, (_, at) => {
    const each = fill(reportSchema.shape.groups.element, "groups") as Report["groups"][number];
    return { ...each, ...(at % 4 === 3 ? { attribute: null } : {}), title: at < 2 ? text : `${text}${at}`, nodes: [text] };
  });
  const nodes = Array.from({ length: 12 }, () => fill(reportSchema.shape.nodes.element, "nodes") as Report["nodes"][number]);
  return { report: { ...whole, nodes, groups }, places };
}

type Def =
  | { type: "object"; shape: Record<string, z.core.$ZodType> }
  | { type: "array"; element: z.core.$ZodType }
  | { type: "record"; valueType: z.core.$ZodType }
  | { type: "optional" | "nullable"; innerType: z.core.$ZodType }
  | { type: "enum"; entries: Record<string, string> }
  | { type: "literal"; values: readonly unknown[] }
  | { type: "string" | "number" | "boolean" | "lazy" };

/** Values as catalogs have them. */
function json(turn: number, text: string): unknown {
  const forms = [
    text,
    `${text}\n${text}\n`,
    { [text]: text, list: [text, { [text]: text }] },
    { sha256: text, size: 3 },
    { git: text, size: 3 },
    { deferred: text, args: [text, null] },
    [text, [text]],
    null,
  ];
  return forms[turn % forms.length];
}
