import { createInterface } from "node:readline/promises";
import { type Choices, choiceKinds, kindOf, missingOf } from "../../catalog/expect/compose.ts";
import { Problem } from "../../problem.ts";

/** The options of `puppet-gate expect new`, as they are typed. */
export type WrittenChoices = Partial<Record<Exclude<keyof Choices, "percent" | "ask">, string>> & { percent?: number; ask?: string };

/** A terminal to ask at. */
interface Asking {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** What was typed as options, and what is missing as answers at the terminal; without one, a Problem that names it. */
export async function askChoices(written: WrittenChoices, asking: Asking | null): Promise<Choices> {
  const lines = asking === null ? null : createInterface(asking);
  const answer = async (option: string, question: string): Promise<string> => {
    const said = (await lines?.question(`${question}: `))?.trim() ?? "";
    if (said !== "") return said;
    throw new Problem({
      code: "bad-option",
      text: `--${option} is missing: ${question}.`,
      hint: "puppet-gate expect new --help lists all choices.",
    });
  };
  try {
    const that = written.that ?? (await answer("that", `what it says (${Object.keys(choiceKinds).join(", ")})`));
    const { says } = kindOf(that);
    const choices: Choices = {
      that,
      resource: written.resource ?? null,
      attribute: written.attribute ?? null,
      value: written.value ?? null,
      concern: written.concern ?? null,
      service: written.service ?? null,
      percent: written.percent ?? null,
      name: written.name ?? null,
      severity: written.severity ?? null,
      why: written.why ?? "",
      ask: ownersIn(written.ask ?? ""),
    };
    for (const need of missingOf(choices)) {
      const said = await answer(need, `${need} (${says})`);
      if (need === "percent") choices.percent = Number(said);
      else choices[need] = said;
    }
    if (choices.why === "") choices.why = await answer("why", "what goes wrong where it does not hold");
    if (choices.ask.length === 0) choices.ask = ownersIn(await answer("ask", "who can say more (@ann, @acme/web)"));
    return choices;
  } finally {
    lines?.close();
  }
}

const ownersIn = (text: string): string[] =>
  text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "")
    .map((each) => (each.startsWith("@") ? each : `@${each}`));
