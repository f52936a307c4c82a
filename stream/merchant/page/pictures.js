// How does a rate look?  A bar with a mark at each line, and a curve of how it moved.

import { draw } from "./dom.js";

const WIDTH = 300;

// What is shown: from nothing up to a round number beyond all of it; of what is nearly all, the upper half.
export function span(values, lines, least, isScore) {
  const all = [...values, ...lines];
  const most = Math.max(...all, 0);
  if (isScore) return [0, Math.max(100, most)];
  if (least) return [Math.min(...all) > 0.55 ? 0.5 : 0, 1];
  const top = [0.05, 0.1, 0.2, 0.3, 0.5, 1].find((each) => each >= most * 1.25);
  return [0, top ?? Math.max(1, most)];
}

export function bar(value, lines, [low, high], state) {
  const place = (each) => (Math.min(Math.max((each - low) / (high - low), 0), 1) * WIDTH).toFixed(1);
  const parts = [draw("rect", { class: "track", x: 0, y: 9, width: WIDTH, height: 14, rx: 4 })];
  if (value !== null) parts.push(draw("rect", { class: `fill ${state}`, x: 0, y: 9, width: place(value), height: 14, rx: 4 }));
  for (const line of lines) parts.push(draw("line", { class: "mark", x1: place(line), x2: place(line), y1: 3, y2: 29 }));
  return draw("svg", { viewBox: `0 0 ${WIDTH} 32`, preserveAspectRatio: "none", class: "scale", "aria-hidden": "true" }, ...parts);
}

export function curve(points, lines) {
  const values = points.map((point) => point.value);
  const [low, high] = [Math.min(...values, ...lines), Math.max(...values, ...lines)];
  const spare = (high - low || 0.02) * 0.12;
  const times = points.map((point) => Date.parse(point.at));
  const [first, last] = [times[0], times.at(-1)];
  const x = (at) => (((at - first) / (last - first || 1)) * WIDTH).toFixed(1);
  const y = (value) => (40 - ((value - low + spare) / (high - low + 2 * spare || 1)) * 40).toFixed(1);
  const path = points.map((point, number) => `${x(times[number])},${y(point.value)}`).join(" ");
  const marks = lines.map((line) => draw("line", { class: "line", x1: 0, x2: WIDTH, y1: y(line), y2: y(line) }));
  const shape = draw("polyline", { class: "curve", points: path });
  return draw("svg", { viewBox: `0 0 ${WIDTH} 40`, preserveAspectRatio: "none", class: "trend", "aria-hidden": "true" }, ...marks, shape);
}
