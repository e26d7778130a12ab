// One query by the SPARQL 1.1 Protocol, and its answer as the views take it.

const RESULTS = "application/sparql-results+json";
const GRAPH = "application/n-triples";
const SUFFIXES = { [RESULTS]: ["csv", "tsv", "json", "srx"], [GRAPH]: ["ttl", "jsonld", "rdf", "nt"] };

// Ask; the answer has a `problem` (RFC 9457) where the service refused.
export async function ask(endpoint, parameters, signal) {
  const begun = performance.now();
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { Accept: `${RESULTS}, ${GRAPH}` },
    body: new URLSearchParams(parameters),
    signal,
  });
  const content = await response.text();
  if (!response.ok) return { problem: JSON.parse(content) };
  return read({
    content,
    type: response.headers.get("Content-Type"),
    truncated: response.headers.has("Trivium-Truncated"),
    duration: Math.round(performance.now() - begun),
  });
}

// An answer that is here already, as the views take it.
export function read({ content, type, truncated, duration }) {
  const kind = type.split(";")[0];
  return {
    ok: true,
    status: 200,
    headers: new Headers({ "Content-Type": kind }),
    content: content || "\n", // the views take nothing for no answer
    truncated,
    duration,
    suffixes: SUFFIXES[kind] ?? [],
    words: words(kind, content, duration),
  };
}

function words(kind, content, duration) {
  const time = duration === undefined ? "" : ` in ${(duration / 1000).toFixed(2)} s`;
  return `${counted(kind, content)}${time}.`;
}

function counted(kind, content) {
  if (kind !== RESULTS) return plural(content.split("\n").filter(Boolean).length, "statement");
  const { boolean, results } = JSON.parse(content);
  return boolean === undefined ? plural(results.bindings.length, "row") : boolean ? "Yes" : "No";
}

function plural(number, word) {
  return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
}
