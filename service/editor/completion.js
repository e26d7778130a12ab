// What Ctrl-Space completes: prefixes, the classes and properties of the graph, and the names of things after `<`.
import { ending, expanded, shortened } from "./iris.js";
import { made } from "./made.js";

const MOST = 60; // suggestions at once

export function complete(Yasqe, told) {
  const known = { prefixes: {}, classes: [], properties: [], kinds: [] };
  told.then((found) => Object.assign(known, found));
  const fork = (name, own) => Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters[name], persistenceId: null, ...own });
  fork("prefixes", { get: async () => Object.entries((await told).prefixes).map(([name, iri]) => `${name}: <${iri}>`) });
  fork("class", terms(known, "classes"));
  fork("property", terms(known, "properties"));
  Yasqe.registerAutocompleter(things(Yasqe, known));
}

function terms(known, kind) {
  return {
    get: (_, token) => fitting(known[kind], token.autocompletionString).map((one) => one.iri),
    preProcessToken: (yasqe, token) => ({ ...token, autocompletionString: expanded(prefixes(known, yasqe), token.string.trim()) }),
    postProcessSuggestion: (yasqe, _, iri) => shortened(prefixes(known, yasqe), iri),
    postprocessHints: (yasqe, hints) => hints.map((hint) => ({ ...hint, render: (element) => name(element, hint.text, label(known[kind], prefixes(known, yasqe), hint.text)) })),
  };
}

// Things of the graph are named by their IRIs; after `<` the beginning of any of their names finds them.
function things(Yasqe, known) {
  const { class: classes, property } = Yasqe.Autocompleters;
  const labels = new Map();
  return {
    name: "thing",
    bulk: false,
    isValidCompletionPosition: (yasqe) =>
      named(yasqe).startsWith("<") && !declaring(yasqe) && !classes.isValidCompletionPosition(yasqe) && !property.isValidCompletionPosition(yasqe),
    get: async (yasqe) => {
      const q = named(yasqe).replace(/^<|>$/g, "").replace(/.*\//, "");
      const found = await Promise.all(known.kinds.map((kind) => suggested(kind, q)));
      for (const one of found.flat()) labels.set(`<${known.prefixes.id}${one.kind}/${one.slug}>`, `${one.label} (${one.kind})`);
      return found.flat().map((one) => `${known.prefixes.id}${one.kind}/${one.slug}`).slice(0, MOST);
    },
    postProcessSuggestion: (_, __, iri) => `<${iri}>`,
    postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, render: (element) => name(element, labels.get(hint.text), "") })),
  };
}

async function suggested(kind, q) {
  const answer = await fetch(`/suggest?${new URLSearchParams({ kind, q })}`);
  return answer.ok ? (await answer.json()).items.map((one) => ({ ...one, kind })) : [];
}

function named(yasqe) {
  return yasqe.getCompleteToken().string;
}

function declaring(yasqe) {
  return /^\s*(PREFIX|BASE)\b/i.test(yasqe.getLine(yasqe.getCursor().line));
}

function prefixes(known, yasqe) {
  return { ...known.prefixes, ...yasqe.getPrefixesFromQuery() };
}

// Those whose IRI begins so, then those that have it in their label or in the end of their IRI.
function fitting(terms, typed) {
  const text = typed.toLowerCase();
  const begins = terms.filter((one) => one.iri.startsWith(typed));
  const has = terms.filter((one) => !begins.includes(one) && (one.label.includes(text) || ending(one.iri).toLowerCase().includes(text)));
  return [...begins, ...has].slice(0, MOST);
}

function label(terms, prefixes, text) {
  const iri = expanded(prefixes, text);
  return terms.find((one) => one.iri === iri)?.label ?? "";
}

function name(element, text, also) {
  element.append(text);
  if (also) element.append(made("small", { textContent: also }));
}
