// A view of results as a table that is sorted by its headings and narrowed by a text. It stands in the place of YASGUI's
// own, which writes styles into the page, and whose links lead away from this service.
import { readable, target } from "./iris.js";
import { drawn, made } from "./made.js";

const STEP = 100; // rows shown at first, and more at each asking
const XSD = "http://www.w3.org/2001/XMLSchema#";
const compare = new Intl.Collator("en", { numeric: true }).compare;

export class Table {
  label = "Table";
  priority = 10;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return Boolean(this.yasr.results?.getVariables()?.length);
  }

  getIcon() {
    return drawn("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, drawn("path", { d: "M1 2h14v3H1zm0 4h6v3H1zm7 0h7v3H8zm-7 4h6v3H1zm7 0h7v3H8z" }));
  }

  draw() {
    Object.assign(this, { names: this.yasr.results.getVariables(), all: this.yasr.results.getBindings() ?? [], shown: STEP, text: "", column: undefined, down: false });
    this.caption = made("caption");
    this.body = made("tbody");
    this.more = made("button", { type: "button", className: "second", onclick: () => { this.shown += STEP; this.#fill(); } });
    const table = made("table", {}, this.caption, made("thead", {}, made("tr", {}, ...this.names.map((name) => this.#heading(name)))), this.body);
    this.yasr.resultsEl.append(...(this.all.length > 1 ? [this.#filter()] : []), made("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Table of the answer" }, table), this.more);
    this.#fill();
  }

  #filter() {
    const input = made("input", { type: "search", oninput: () => { this.text = input.value.toLowerCase(); this.#fill(); } });
    return made("label", { className: "drawn", textContent: "Only rows with" }, input);
  }

  #heading(name) {
    const heading = made("th", { scope: "col" });
    const button = made("button", { type: "button", textContent: name });
    button.addEventListener("click", () => {
      Object.assign(this, { down: this.column === name && !this.down, column: name });
      for (const one of heading.parentElement.children) one.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      this.#fill();
    });
    heading.append(button);
    return heading;
  }

  #fill() {
    const rows = this.#sorted(this.all.filter((row) => this.#fits(row)));
    const prefixes = this.yasr.getPrefixes();
    this.body.replaceChildren(...rows.slice(0, this.shown).map((row) => made("tr", {}, ...this.names.map((name) => cell(row[name], prefixes)))));
    const words = rows.length === 1 ? "1 row" : `${rows.length.toLocaleString("en")} rows`;
    this.caption.textContent = rows.length > this.shown ? `${words}; the first ${this.shown} are shown.` : `${words}.`;
    this.more.hidden = rows.length <= this.shown;
    this.more.textContent = `Show ${Math.min(STEP, rows.length - this.shown)} more`;
  }

  #fits(row) {
    return !this.text || this.names.some((name) => row[name]?.value.toLowerCase().includes(this.text));
  }

  #sorted(rows) {
    if (!this.column) return rows;
    const sorted = rows.toSorted((a, b) => compare(a[this.column]?.value ?? "", b[this.column]?.value ?? ""));
    return this.down ? sorted.reverse() : sorted;
  }
}

function cell(term, prefixes) {
  if (!term) return made("td");
  if (term.type === "uri") return made("td", {}, link(term.value, prefixes));
  const one = made("td", { lang: term["xml:lang"] ?? "", textContent: term.value });
  if (term["xml:lang"]) one.append(made("small", { textContent: ` @${term["xml:lang"]}` }));
  if (term.datatype && term.datatype !== `${XSD}string`) one.title = readable(prefixes, term.datatype);
  return one;
}

function link(iri, prefixes) {
  const href = target(iri);
  return href ? made("a", { href, title: iri, textContent: readable(prefixes, iri) }) : made("span", { className: "iri", textContent: iri });
}
