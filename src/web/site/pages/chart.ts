import { markup, none, type Markup } from "../../html.ts";

/** One week of a picture: a bar for how many, a dot for the median. Values are not negative; null where there is nothing to show. */
export interface Point {
  label: string;
  bar: number;
  dot: number | null;
  /** What the pointer reads. */
  text: string;
}

const size = { width: 720, height: 160, left: 8, right: 8, top: 12, bottom: 22 };

/** Bars and a line over weeks, each on its own scale from zero. What it says stands in a table beside it, so that nobody has to see it. */
export function chart(title: string, points: readonly Point[]): Markup {
  if (points.length < 2) return none;
  const step = (size.width - size.left - size.right) / points.length;
  const floor = size.height - size.bottom;
  const high = floor - size.top;
  const scale = (values: readonly number[]): ((value: number) => number) => {
    const most = Math.max(...values, 0);
    return (value) => (most === 0 ? 0 : (value / most) * high);
  };
  const barHigh = scale(points.map(({ bar }) => bar));
  const dotHigh = scale(points.flatMap(({ dot }) => (dot === null ? [] : [dot])));
  const middle = (at: number): number => size.left + (at + 0.5) * step;
  const each = Math.ceil(points.length / 8);
  const dots = points.flatMap(({ dot, text }, at) =>
    dot === null ? [] : [{ x: round(middle(at)), y: round(floor - dotHigh(dot)), text }],
  );
  return markup`<svg class="chart" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}">
    <line class="axis" x1="${size.left}" x2="${size.width - size.right}" y1="${floor}" y2="${floor}" />
    ${points.map(
      ({ bar, label, text }, at) =>
        markup`<g><title>${text}</title><rect class="bar" x="${round(size.left + at * step + step * 0.15)}" y="${round(floor - barHigh(bar))}" width="${round(step * 0.7)}" height="${round(barHigh(bar))}" />${at % each === 0 ? markup`<text x="${round(middle(at))}" y="${size.height - 6}" text-anchor="middle">${label}</text>` : none}</g>`,
    )}
    <polyline class="line" points="${dots.map(({ x, y }) => `${x},${y}`).join(" ")}" />
    ${dots.map(({ x, y, text }) => markup`<circle class="dot" cx="${x}" cy="${y}" r="3.5"><title>${text}</title></circle>`)}
  </svg>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Parts of a whole as one bar; the words beside it say the same. */
export function stacked(title: string, parts: readonly { kind: string; value: number }[]): Markup {
  const whole = parts.reduce((sum, { value }) => sum + value, 0);
  if (whole === 0) return none;
  let x = 0;
  return markup`<svg class="stacked" viewBox="0 0 400 14" preserveAspectRatio="none" role="img" aria-label="${title}">${parts.map(
    ({ kind, value }) => {
      const width = round((value / whole) * 400);
      const rect = markup`<rect class="${kind}" x="${round(x)}" y="0" width="${width}" height="14" />`;
      x += width;
      return rect;
    },
  )}</svg>`;
}
