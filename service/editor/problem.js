// A problem (RFC 9457) said beside the editor and marked at its line.
import { made } from "./made.js";

const LINE = "wrong-line";
const PLACE = "wrong-place";

export class Marked {
  constructor(yasqe, place) {
    Object.assign(this, { yasqe, place });
  }

  show({ title, detail, line, column, suggestion }) {
    this.place.replaceChildren(
      made("h2", { textContent: `${title}.` }),
      made("p", { className: "wrap", textContent: detail }),
      ...(suggestion ? [made("p", { textContent: `Did you mean ${suggestion}?` })] : []),
      ...(line ? [this.#mark(line - 1, (column ?? 1) - 1)] : []),
    );
    this.place.hidden = false;
  }

  clear() {
    this.place.hidden = true;
    if (this.line) this.yasqe.removeLineClass(this.line, "wrap", LINE);
    this.text?.clear();
    this.line = this.text = undefined;
  }

  #mark(at, column) {
    const line = Math.min(at, this.yasqe.lastLine());
    const length = this.yasqe.getLine(line).length;
    const ch = Math.min(column, Math.max(length - 1, 0));
    this.line = this.yasqe.addLineClass(line, "wrap", LINE);
    this.text = this.yasqe.markText({ line, ch }, { line, ch: Math.max(this.#end(line, ch), ch + 1) }, { className: PLACE });
    const go = made("button", { type: "button", className: "second", textContent: `Go to line ${line + 1}` });
    go.addEventListener("click", () => { this.yasqe.setCursor(line, ch); this.yasqe.focus(); });
    return made("p", {}, go);
  }

  #end(line, ch) {
    return this.yasqe.getTokenAt({ line, ch: ch + 1 }).end;
  }
}
