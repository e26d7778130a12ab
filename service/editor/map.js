// A view of results that name countries or places: countries shaded by what they count, places as points.
import { drawn, made } from "./made.js";
import { NUMERIC } from "./chart.js";

const STEPS = 5; // shades
const ROWS = "rows";
const NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const POINT = /^(?:<[^>]*> *)?POINT *\( *(-?[\d.]+) +(-?[\d.]+) *\)$/i; // OGC GeoSPARQL 1.1, 8.5: longitude, then latitude

export class WorldMap {
  label = "Map";
  priority = 3;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.#columns(isCountry).length > 0 || this.#columns(isPoint).length > 0;
  }

  getIcon() {
    return drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: "M1 3l4-2 6 2 4-2v12l-4 2-6-2-4 2zM5 1v12M11 3v12", stroke: "currentColor", fill: "none" }));
  }

  draw() {
    const figure = made("figure", { className: "world" }, made("p", { textContent: "The map is being loaded." }));
    this.yasr.resultsEl.append(figure);
    return import("./world.js").then((world) => this.#fill(figure, world), () => figure.replaceChildren("The map could not be loaded."));
  }

  #fill(figure, world) {
    const counted = [...this.#columns((term) => NUMERIC.test(term.datatype ?? "")), ROWS];
    const choice = made("select", {}, ...counted.map((one) => made("option", { textContent: one })));
    const show = () => figure.replaceChildren(...this.#picture(world, choice.value));
    choice.addEventListener("change", show);
    if (counted.length > 1 && this.#columns(isCountry).length) figure.before(made("label", { className: "drawn", textContent: "What is counted" }, choice));
    show();
  }

  #rows() {
    return this.yasr.results?.getBindings() ?? [];
  }

  // The columns that hold only such terms, and at least one.
  #columns(holds) {
    const rows = this.#rows();
    const fits = (name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || holds(row[name]));
    return (this.yasr.results?.getVariables() ?? []).filter(fits);
  }

  #picture(world, column) {
    const sums = this.#sums(column), points = this.#points(), shapes = world.countries();
    const most = Math.max(0, ...sums.values()), kept = new Set(shapes.map((one) => one.code));
    const words = caption(sums, column, points, [...sums.keys()].filter((code) => !kept.has(code)), this.#unplaced());
    const svg = drawn("svg", { viewBox: `0 0 ${world.WIDTH} ${world.HEIGHT}`, role: "img", "aria-label": words });
    svg.append(...shapes.map((one) => country(one, sums.get(one.code), most)), ...points.map((one) => point(one, world)));
    return [svg, ...(sums.size ? [key(most, [...sums.values()].every(Number.isInteger))] : []), made("figcaption", { textContent: `${words} The table has all of it.` })];
  }

  // What each country counts: rows, or the sum of a column.
  #sums(column) {
    const [codes] = this.#columns(isCountry), sums = new Map();
    for (const row of this.#rows()) {
      if (!row[codes]) continue;
      const more = column === ROWS ? 1 : Number(row[column]?.value ?? 0);
      sums.set(row[codes].value, (sums.get(row[codes].value) ?? 0) + more);
    }
    return sums;
  }

  #points() {
    const [column] = this.#columns(isPoint);
    return this.#rows().filter((row) => row[column]).map((row) => POINT.exec(row[column].value).slice(1).map(Number));
  }

  #unplaced() {
    const columns = [...this.#columns(isCountry).slice(0, 1), ...this.#columns(isPoint).slice(0, 1)];
    return this.#rows().filter((row) => columns.every((name) => !row[name])).length;
  }
}

function isCountry(term) {
  return term.type !== "uri" && /^[A-Z]{2}$/.test(term.value) && NAMES.of(term.value) !== undefined;
}

function isPoint(term) {
  return term.type !== "uri" && POINT.test(term.value);
}

function shade(value, most) {
  return value > 0 ? Math.ceil((STEPS * value) / most) : 0;
}

function country({ code, d }, value, most) {
  const said = value === undefined ? "" : `${NAMES.of(code)}: ${value.toLocaleString("en")}`;
  return drawn("path", { d: d ?? "", class: value === undefined ? "land" : `land shade-${shade(value, most)}` }, ...(said ? [drawn("title", {}, said)] : []));
}

function point([longitude, latitude], world) {
  const [cx, cy] = world.place(latitude, longitude);
  return drawn("circle", { cx, cy, r: 4 }, drawn("title", {}, `${latitude}, ${longitude}`));
}

// Up to how much each shade stands for; a shade that no whole number falls into is left out where all are whole.
function key(most, whole) {
  const steps = Array.from({ length: STEPS }, (_, at) => ((at + 1) * most) / STEPS).map((step) => (whole ? Math.floor(step) : step));
  const lines = steps.map((step, at) => (step > (steps[at - 1] ?? 0) ? [made("li", {}, patch(at + 1), `up to ${step.toLocaleString("en", { maximumFractionDigits: 1 })}`)] : []));
  return made("ul", { className: "key" }, ...lines.flat());
}

function patch(number) {
  return drawn("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, drawn("rect", { class: `land shade-${number}`, width: 10, height: 10 }));
}

function caption(sums, column, points, missing, unplaced) {
  const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, 3).map(([code, value]) => `${NAMES.of(code)} ${value.toLocaleString("en")}`);
  return [
    sums.size && `${column} by country: ${sums.size} countries, most in ${most.join(", ")}.`,
    points.length && `${points.length} places.`,
    missing.length && `Too small for this map: ${missing.map((code) => NAMES.of(code)).join(", ")}.`,
    unplaced && `Rows without a place: ${unplaced}.`,
  ].filter(Boolean).join(" ");
}
