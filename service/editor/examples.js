// The questions of the catalogue, by topic, each to be put into the editor.
import { made } from "./made.js";

export async function offer(place, told, put) {
  const { examples } = await told;
  const choice = place.querySelector("select");
  choice.append(...topics(examples).map(([topic, those]) => group(topic, those)));
  place.querySelector("button").addEventListener("click", () => {
    const chosen = examples.find((one) => one.name === choice.value);
    if (chosen) put(chosen.query);
  });
  place.hidden = false;
}

// Each question stands under its first tag.
function topics(examples) {
  return Object.entries(Object.groupBy(examples, (one) => one.tags[0] ?? "other")).sort(([a], [b]) => a.localeCompare(b));
}

function group(topic, examples) {
  const label = topic[0].toUpperCase() + topic.slice(1);
  return made("optgroup", { label }, ...examples.map((one) => made("option", { value: one.name, textContent: one.summary })));
}
