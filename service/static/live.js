// Lets a form take effect while one chooses: the same address is fetched as a page, and its outcome put in place of the
// one that is shown. The address always says what is shown; without this the button of the form does the same.

const PAUSE = 350; // milliseconds after the last key

for (const form of document.querySelectorAll("form[data-live]")) enliven(form);

function enliven(form) {
  const spoken = Object.assign(document.createElement("p"), { className: "spoken" });
  spoken.setAttribute("role", "status");
  form.after(spoken);
  let asking, waiting;

  form.addEventListener("submit", (event) => { event.preventDefault(); choose(); });
  form.addEventListener("change", choose);
  form.addEventListener("input", (event) => {
    if (event.target.matches("input")) { clearTimeout(waiting); waiting = setTimeout(choose, PAUSE); }
  });
  window.addEventListener("popstate", () => show(location.href, true));

  async function choose() {
    clearTimeout(waiting);
    const address = chosen();
    if (address === location.href) return;
    if (await show(address, false)) history.pushState(null, "", address);
  }

  function chosen() {
    const given = [...new FormData(form)].filter(([, value]) => value.trim());
    const address = new URL(form.getAttribute("action"), location.href);
    address.search = new URLSearchParams(given);
    return address.href;
  }

  async function show(address, back) {
    asking?.abort();
    asking = new AbortController();
    const here = document.getElementById(form.dataset.live);
    here.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const there = page.getElementById(form.dataset.live);
      const fresh = page.querySelector(`form[data-live="${form.dataset.live}"]`);
      if (!answer.ok || answer.redirected || !there || !fresh) return location.assign(address);
      follow(fresh, back);
      here.replaceChildren(...there.childNodes);
      here.removeAttribute("aria-busy");
      document.title = page.title;
      spoken.textContent = here.querySelector("[data-outcome]")?.textContent.trim() ?? "";
      return true;
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    }
  }

  // The counts beside the choices are taken over; what is chosen only when one goes back, so that no focus is lost.
  function follow(fresh, back) {
    for (const field of form.elements) {
      const other = field.name && fresh.elements[field.name];
      if (!other) continue;
      const value = back ? other.value : field.value;
      if (field.options && other.options) renew(field, other);
      field.value = value;
    }
  }

  function renew(field, other) {
    const same = [...field.options].map((one) => one.value).join() === [...other.options].map((one) => one.value).join();
    if (same) [...field.options].forEach((one, place) => { one.textContent = other.options[place].textContent; });
    else field.replaceChildren(...other.children);
  }
}
