// IRIs as they are written with a prefix, and as this service shows them.

export const BASE = "https://w3id.org/trivium/"; // of identity; the service answers for it under its own host

// The IRI of a prefixed name; anything else as it is, without its brackets.
export function expanded(prefixes, text) {
  if (text.startsWith("<")) return text.replace(/^<|>$/g, "");
  const [, prefix, local] = /^([^:]*):(.*)$/.exec(text) ?? [];
  return prefix in prefixes ? prefixes[prefix] + local : text;
}

// A prefixed name where there is one that SPARQL takes as it is (4.1.1), else the IRI in brackets.
export function shortened(prefixes, iri) {
  const prefix = fitting(prefixes, iri, /^[\w-]+$/);
  return prefix === undefined ? `<${iri}>` : `${prefix}:${iri.slice(prefixes[prefix].length)}`;
}

// The same to be read, not to be copied: the end may have slashes in it.
export function readable(prefixes, iri) {
  const prefix = fitting(prefixes, iri, /./);
  return prefix === undefined ? iri : `${prefix}:${iri.slice(prefixes[prefix].length)}`;
}

export function ending(iri) {
  return iri.replace(/.*[#/](?=.)/, "");
}

// Where a link may lead; nothing that a browser would run.
export function target(iri) {
  return iri.startsWith(BASE) ? iri.replace(BASE, "/") : /^(https?|mailto):/i.test(iri) ? iri : undefined;
}

function fitting(prefixes, iri, local) {
  const those = Object.keys(prefixes).filter((one) => iri.startsWith(prefixes[one]) && local.test(iri.slice(prefixes[one].length)));
  return those.sort((a, b) => prefixes[b].length - prefixes[a].length)[0];
}
