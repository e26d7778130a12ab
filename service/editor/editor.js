// The query editor of /sparql: YASGUI's editor and views of results, in place of the text field of the form.
// Without it the form is sent to the server, which shows the answer itself.

import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import "./editor.css";
import { Chart } from "./chart.js";
import { offer } from "./examples.js";
import { complete } from "./completion.js";
import { Marked } from "./problem.js";
import { Network } from "./network.js";
import { WorldMap } from "./map.js";
import { Table } from "./table.js";
import { ask, read } from "./protocol.js";
import { made } from "./made.js";

const form = document.querySelector("form[data-editor]");
const field = form.querySelector("textarea");
const answer = document.querySelector("#answer");
const told = fetch(form.dataset.editor).then((response) => response.json());

const { Yasqe, Yasr } = Yasgui;
complete(Yasqe, told);
for (const [name, view] of Object.entries({ table: Table, chart: Chart, network: Network, map: WorldMap })) Yasr.registerPlugin(name, view);

const yasqe = editor();
const problem = new Marked(yasqe, form.querySelector(".said"));
const said = form.querySelector("[role=status]");
const button = form.querySelector("button:not([type])");
let running, prefixes = {};
told.then((found) => { prefixes = found.prefixes; declare(); });
const yasr = views();

form.classList.add("enhanced");
offer(form.querySelector(".examples"), told, (text) => { fill(text); yasqe.focus(); });
form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
form.querySelector(".copy").addEventListener("click", copy);
form.querySelector(".plain-field").addEventListener("click", (event) => plain(event.target));
field.addEventListener("input", () => fill(field.value));
yasqe.on("change", changed);
changed();
shownByTheServer();

function editor() {
  const place = made("div", { className: "writing" });
  field.before(place);
  field.hidden = true;
  const written = new Yasqe(place, {
    value: field.value,
    screenReaderLabel: "Query",
    inputStyle: "textarea", // the other style loses what is typed right after a drawing; the plain field is there to be read aloud
    viewportMargin: Infinity,
    persistenceId: null,
    createShareableLink: null,
    consumeShareLink: null,
    showQueryButton: false,
    resizeable: false,
    editorHeight: "auto",
    extraKeys: { Tab: false, "Shift-Tab": false, Esc: false, "Ctrl-Enter": run, "Cmd-Enter": run, "Ctrl-S": false },
  });
  const input = written.getInputField();
  input.setAttribute("aria-describedby", "keys");
  form.querySelector("label[for=query]").addEventListener("click", () => { if (field.hidden) written.focus(); });
  soften(written);
  return written;
}

// The mark of what is not yet a query explains itself by a text with styles in it, which the page does not allow.
function soften(written) {
  const set = written.setGutterMarker;
  written.setGutterMarker = (line, gutter, mark) => {
    if (mark) Object.assign(mark, { onmouseover: null, onmouseout: null, title: "Here is a mistake, or a prefix that is not declared" });
    return set.call(written, line, gutter, mark);
  };
  written.checkSyntax();
}

function views() {
  const place = made("section", { className: "views", hidden: true });
  place.setAttribute("aria-label", "Answer");
  answer.before(place);
  const drawn = new Yasr(place, {
    persistenceId: null,
    defaultPlugin: "table",
    pluginOrder: ["table", "chart", "network", "map", "response"],
    prefixes: () => ({ ...prefixes, ...yasqe.getPrefixesFromQuery() }),
  });
  for (const one of place.querySelectorAll(".yasr_header > a, .yasr_response_chip")) one.remove(); // we say it ourselves
  const chosen = location.hash.slice(1);
  if (drawn.plugins[chosen]) drawn.selectPlugin(chosen);
  drawn.on("change", () => history.replaceState(null, "", `#${drawn.getSelectedPluginName()}`));
  drawn.on("drawn", (_, view) => mark(drawn, view));
  return drawn;
}

// Which view is shown, and which cannot be, for those who do not see the colours.
function mark(drawn, shown) {
  for (const one of drawn.headerEl.querySelectorAll(".yasr_btnGroup button")) {
    const view = drawn.plugins[/select_(\w+)/.exec(one.className)[1]];
    one.disabled = !view.canHandleResults();
    one.setAttribute("aria-pressed", String(view === shown));
    one.removeAttribute("title");
    one.setAttribute("aria-label", view.label);
  }
  drawn.resultsEl.querySelector("textarea")?.setAttribute("aria-label", "The answer as it was sent");
}

function fill(text) {
  const last = yasqe.lastLine();
  yasqe.replaceRange(text, { line: 0, ch: 0 }, { line: last, ch: yasqe.getLine(last).length }); // can be undone
  yasqe.setCursor(0, 0);
}

// The text field of the form in place of the editor, for those who hear what they write; both hold the same text.
function plain(toggle) {
  field.hidden = !field.hidden;
  yasqe.rootEl.parentElement.hidden = !field.hidden;
  toggle.setAttribute("aria-pressed", String(!field.hidden));
  if (field.hidden) yasqe.refresh();
  (field.hidden ? yasqe : field).focus();
}

// The service knows our prefixes without being told, the editor does not: it would mark them as a mistake.
function declare() {
  const declared = yasqe.getPrefixesFromQuery();
  const used = [...yasqe.getValue().matchAll(/(?<![\w<:/#-])([a-z]\w*):/g)].map(([, name]) => name);
  const missing = used.filter((name) => prefixes[name] && !declared[name]);
  if (missing.length) yasqe.addPrefixes(Object.fromEntries(missing.map((name) => [name, prefixes[name]])));
}

function changed() {
  if (field.hidden) field.value = yasqe.getValue();
  form.querySelector(".permalink").href = address();
  problem.clear();
}

function address(name = "query") {
  return `${form.getAttribute("action")}?${new URLSearchParams({ [name]: yasqe.getValue(), ...release() })}`;
}

// The older release that the page is about, if it is about one.
function release() {
  const one = form.elements.release?.value;
  return one ? { release: one } : {};
}

async function copy() {
  await navigator.clipboard.writeText(new URL(address() + location.hash, location.href).href);
  said.textContent = "The link is copied.";
}

async function run() {
  if (running) return running.abort();
  yasqe.display.input.ensurePolled(); // what was typed a moment ago
  running = new AbortController();
  button.textContent = "Stop";
  said.textContent = "Running …";
  problem.clear();
  try {
    show(await ask(form.action, { query: yasqe.getValue(), ...release() }, running.signal));
  } catch (error) {
    said.textContent = error.name === "AbortError" ? "Stopped." : "The service cannot be reached. Try again.";
  } finally {
    running = undefined;
    button.textContent = "Run";
  }
}

function show(found) {
  answer.hidden = true;
  yasr.rootEl.parentElement.hidden = Boolean(found.problem);
  history.replaceState(null, "", address(found.problem ? "draft" : "query") + location.hash);
  if (found.problem) {
    said.textContent = "";
    return problem.show(found.problem);
  }
  form.querySelector(".cut").hidden = !found.truncated;
  downloads(found);
  yasr.setResponse(found, found.duration);
  said.textContent = found.words;
}

function downloads({ suffixes }) {
  const links = suffixes.map((suffix) => made("a", { href: address().replace("?", `.${suffix}?`), textContent: suffix.toUpperCase() }));
  form.querySelector(".downloads").replaceChildren(...links.map((link) => made("li", {}, link)));
  form.querySelector(".taken").hidden = false;
}

// A link to a query opens with its answer in the page: it is drawn without asking again.
function shownByTheServer() {
  const data = document.querySelector("#answered");
  if (data) show(read(JSON.parse(data.textContent)));
}
