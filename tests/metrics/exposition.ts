/** One number of Prometheus's text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/u;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gu;

/** Reads the format (https://prometheus.io/docs/instrumenting/exposition_formats/). Throws for whatever is none of it. */
export function parseExposition(text: string): Sample[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  return text.split("\n").flatMap((each) => {
    if (each === "" || /^# (?:HELP|TYPE) /u.test(each)) return [];
    const [, name, labels = "", value] = line.exec(each) ?? [];
    // Go reads `Nan` as it reads `NaN`, and so does Prometheus.
    if (name === undefined || value === undefined || !/^(?:nan|[+-]?inf|[+-]?[\d.]+(?:e[+-]?\d+)?)$/iu.test(value)) throw new Error(each);
    const read = [...labels.matchAll(label)];
    if (read.map(([whole]) => whole).join("") !== labels) throw new Error(each);
    return [{ name, labels: Object.fromEntries(read.map(([, key = "", of = ""]) => [key, of])), value: Number(value) }];
  });
}

/** The value of the one sample with these labels; undefined where there is none. */
export const valueOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find((one) => one.name === name && Object.entries(labels).every(([key, of]) => one.labels[key] === of))?.value;
