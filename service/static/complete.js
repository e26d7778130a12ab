// Completes the names of things while one types. Without it the fields take ids, or whole names, as they are.

const PAUSE = 120; // milliseconds after the last key
const OTHERS = 2; // other names of a thing that are shown, of those that fit
const SEPARATOR = ";";

for (const input of document.querySelectorAll("input[data-kinds]")) complete(input);

function complete(input) {
  const kinds = input.dataset.kinds.split(" ");
  const many = "many" in input.dataset;
  const list = made("ul", { id: `${input.id}-list`, role: "listbox", className: "offered", hidden: true });
  const spoken = made("span", { className: "spoken", role: "status" });
  const chosen = input.parentElement.querySelector(".chosen") ?? made("ul", { className: "chosen" });
  const labels = new Map();
  let offered = [], active = -1, waiting, asking;

  const set = (name, value) => input.setAttribute(name, value);
  set("role", "combobox"); set("aria-autocomplete", "list"); set("aria-controls", list.id); set("aria-expanded", "false");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  input.after(list, spoken, chosen);

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); name(); });
  input.addEventListener("keydown", key);
  input.addEventListener("blur", close);

  const parts = () => (many ? input.value.split(SEPARATOR) : [input.value]);
  const typed = () => parts().at(-1).trim();

  async function ask() {
    asking?.abort();
    const text = typed();
    if (!text) return close();
    asking = new AbortController();
    try {
      const found = await Promise.all(kinds.map((kind) => suggested(kind, text, asking.signal)));
      if (typed() === text && document.activeElement === input) show(found.flat());
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  async function suggested(kind, text, signal) {
    const answer = await fetch(`/suggest?${new URLSearchParams({ kind, q: text })}`, { signal });
    if (!answer.ok) return [];
    const { items } = await answer.json();
    return items.map((one) => ({ ...one, value: kind === kinds[0] ? one.slug : `${kind}/${one.slug}` }));
  }

  function show(items) {
    offered = items;
    active = -1;
    list.replaceChildren(...items.map(option));
    list.hidden = !items.length;
    set("aria-expanded", String(!list.hidden));
    list.scrollIntoView({ block: "nearest" });
    input.removeAttribute("aria-activedescendant");
    spoken.textContent = items.length ? `${items.length} found. Choose with the arrow keys.` : "Nothing found.";
  }

  function option(item, at) {
    const line = made("li", { id: `${list.id}-${at}`, role: "option", textContent: item.label });
    line.setAttribute("aria-selected", "false");
    line.append(made("small", { textContent: [item.value, ...fitting(item.also)].join(" · ") }));
    line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(at); });
    return line;
  }

  function fitting(names) {
    const words = folded(typed()).split(/\s+/);
    return names.filter((one) => words.every((word) => folded(one).includes(word))).slice(0, OTHERS);
  }

  function key(event) {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) move((active + step + offered.length) % offered.length);
    else if (event.key === "Enter" && active >= 0) choose(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }

  function move(to) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = active < 0 && to < 0 ? offered.length - 1 : to;
    list.children[active].setAttribute("aria-selected", "true");
    list.children[active].scrollIntoView({ block: "nearest" });
    set("aria-activedescendant", list.children[active].id);
  }

  function choose(at) {
    const { value, label } = offered[at];
    labels.set(value, label);
    const before = parts().slice(0, -1).map((one) => one.trim()).filter(Boolean);
    input.value = many ? [...before, value, ""].join(`${SEPARATOR} `) : value;
    close();
    spoken.textContent = `${label} is chosen.`;
    name();
  }

  function name() {
    const known = parts().map((one) => labels.get(one.trim())).filter(Boolean);
    if (labels.size) chosen.replaceChildren(...known.map((label) => made("li", { textContent: label })));
  }

  function close() {
    asking?.abort();
    list.hidden = true;
    set("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function made(tag, properties) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  return element;
}
