// A view of a graph: its things as points, the statements between them as lines.
import { forceCenter, forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";
import { ending } from "./iris.js";
import { drawn, made } from "./made.js";

const MOST = 120; // things
const STEPS = 300; // of the layout
const WIDTH = 1000, HEIGHT = 640;
const LABELS = ["http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2000/01/rdf-schema#label", "http://purl.org/dc/terms/title"];
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

export class Network {
  label = "Network";
  priority = 4;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.#lines().length > 0;
  }

  getIcon() {
    const lines = drawn("path", { d: "M3 4l9 2M3 4l5 9M12 6l-4 7", stroke: "currentColor", fill: "none" });
    const points = [[3, 4], [12, 6], [8, 13]].map(([cx, cy]) => drawn("circle", { cx, cy, r: 2.3 }));
    return drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, lines, ...points);
  }

  draw() {
    const { nodes, links, total } = this.#network();
    settle(nodes, links);
    const words = `${nodes.length} things and ${links.length} statements between them`;
    const left = total > nodes.length ? `; ${total - nodes.length} things with fewer statements are left out` : "";
    this.yasr.resultsEl.append(made("figure", { className: "network" }, picture(nodes, links, words), made("figcaption", { textContent: `${words}${left}. The table lists them all.` })));
  }

  #statements() {
    this.yasr.results?.getAsJson();
    return this.yasr.results?.getStatements() ?? [];
  }

  #lines() {
    return this.#statements().filter((one) => one.object.termType === "NamedNode" && one.predicate.value !== TYPE);
  }

  // The things with the most statements, by name where the graph tells it.
  #network() {
    const names = new Map(), counts = new Map(), lines = this.#lines();
    for (const one of this.#statements()) if (LABELS.includes(one.predicate.value) && prefers(one.object, names.get(one.subject.value))) names.set(one.subject.value, one.object);
    for (const one of lines.flatMap((line) => [line.subject.value, line.object.value])) counts.set(one, (counts.get(one) ?? 0) + 1);
    const kept = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST);
    const nodes = kept.map(([id, degree]) => ({ id, degree, name: names.get(id)?.value ?? ending(id) }));
    const links = lines.filter((one) => kept.some(([id]) => id === one.subject.value) && kept.some(([id]) => id === one.object.value))
      .map((one) => ({ source: one.subject.value, target: one.object.value, name: ending(one.predicate.value) }));
    return { nodes, links, total: counts.size };
  }
}

function prefers(label, before) {
  return !before || (label.language === "en" && before.language !== "en");
}

// Positions, the same for the same graph each time.
function settle(nodes, links) {
  forceSimulation(nodes)
    .force("link", forceLink(links).id((one) => one.id).distance(130))
    .force("apart", forceManyBody().strength(-420))
    .force("middle", forceCenter(WIDTH / 2, HEIGHT / 2))
    .force("x", forceX(WIDTH / 2).strength(0.05))
    .force("y", forceY(HEIGHT / 2).strength(0.09))
    .force("collide", forceCollide(24))
    .stop()
    .tick(STEPS);
}

function picture(nodes, links, words) {
  const xs = nodes.map((one) => one.x), ys = nodes.map((one) => one.y);
  const left = Math.min(...xs) - 60, top = Math.min(...ys) - 30;
  const box = [left, top, Math.max(...xs) - left + 180, Math.max(...ys) - top + 30].map(Math.round);
  const svg = drawn("svg", { viewBox: box.join(" "), role: "img", "aria-label": words });
  svg.append(...links.map(line), ...nodes.map(point));
  return svg;
}

function line({ source, target, name }) {
  return drawn("line", { x1: source.x, y1: source.y, x2: target.x, y2: target.y }, drawn("title", {}, name));
}

function point({ id, x, y, name, degree }) {
  const short = name.length > 28 ? `${name.slice(0, 27)}…` : name;
  const radius = 5 + Math.min(8, Math.sqrt(degree) * 1.6);
  return drawn("g", {}, drawn("title", {}, `${name} (${id})`), drawn("circle", { cx: x, cy: y, r: radius }), drawn("text", { x: x + radius + 3, y: y + 4 }, short));
}
