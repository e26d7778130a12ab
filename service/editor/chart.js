// A view of results with a number in each row: a bar for each, in a table that can be read without seeing it.
import { ending } from "./iris.js";
import { drawn, made } from "./made.js";

const MOST = 200; // bars
export const NUMERIC = /#(integer|decimal|double|float|int|long|nonNegativeInteger|positiveInteger|short)$/;

export class Chart {
  label = "Chart";
  priority = 5;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.#numbers().length > 0;
  }

  getIcon() {
    return drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: "M1 2h9v3H1zm0 5h14v3H1zm0 5h6v3H1z" }));
  }

  draw() {
    const numbers = this.#numbers();
    const choice = made("select", {}, ...numbers.map((one) => made("option", { textContent: one })));
    const place = made("div");
    choice.addEventListener("change", () => place.replaceChildren(this.#table(choice.value)));
    place.append(this.#table(numbers[0]));
    if (numbers.length > 1) this.yasr.resultsEl.append(made("label", { className: "drawn", textContent: "What is drawn" }, choice));
    this.yasr.resultsEl.append(place);
  }

  #rows() {
    return this.yasr.results?.getBindings() ?? [];
  }

  // The columns that hold numbers, and nothing else.
  #numbers() {
    const rows = this.#rows();
    const numeric = (name) => rows.some((row) => row[name]) && rows.every((row) => !row[name] || NUMERIC.test(row[name].datatype ?? ""));
    return rows.length && this.yasr.results.getVariables() ? this.yasr.results.getVariables().filter(numeric) : [];
  }

  // The columns of texts name a bar; of IRIs only where there are no texts.
  #names() {
    const others = this.yasr.results.getVariables().filter((name) => !this.#numbers().includes(name));
    const texts = others.filter((name) => this.#rows().some((row) => row[name]?.type === "literal"));
    return texts.length ? texts : others;
  }

  #table(column) {
    const rows = this.#rows().slice(0, MOST), names = this.#names();
    const values = rows.map((row) => Number(row[column]?.value ?? NaN));
    const low = Math.min(0, ...values.filter(Number.isFinite)), high = Math.max(0, ...values.filter(Number.isFinite));
    const bars = rows.map((row, at) => bar(title(row, names), row[column]?.value ?? "", values[at], low, high));
    return made("table", { className: "bars" }, made("caption", { textContent: caption(this.#rows().length, column) }), made("tbody", {}, ...bars));
  }
}

function caption(total, column) {
  return total > MOST ? `${column}: the first ${MOST} of ${total.toLocaleString("en")} rows` : column;
}

function title(row, names) {
  return names.map((name) => row[name] && (row[name].type === "uri" ? ending(row[name].value) : row[name].value)).filter(Boolean).join(" · ");
}

function bar(name, text, value, low, high) {
  const share = (number) => `${(100 * (number - low)) / (high - low || 1)}%`;
  const begin = Math.min(0, value), width = Math.abs(value) + low;
  const rect = drawn("rect", { x: share(begin), width: Number.isFinite(value) ? share(width) : 0, height: "100%" });
  const svg = drawn("svg", { width: "100%", height: "14", "aria-hidden": "true" }, rect);
  return made("tr", {}, Object.assign(made("th", { scope: "row" }, name)), made("td", { className: "bar" }, svg), made("td", { className: "number", textContent: text }));
}
