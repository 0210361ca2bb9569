"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const at = (id) => document.getElementById(id);
  const index = read("index"), shared = read("shared"), first = read("first");
  const clocks = Object.keys(index.clocks), outcomes = Object.keys(index.outcomes), unpacked = {};
  const state = { name: first.name, clock: first.key.split("|")[0], size: "1", language: "en",
    outcome: outcomes[0], order: "kind", limit: "" };
  const said = (key) => index.text[key][state.language];
  const of = (words) => words[state.language];
  const html = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const right = { name: (v) => v in index.names, clock: (v) => clocks.includes(v), size: () => true,
      language: (v) => v in index.languages, outcome: (v) => outcomes.includes(v),
      order: (v) => ["kind", "effect", "each"].includes(v), limit: (v) => v === "" || Number(v) > 0 };
    for (const [key, value] of asked) if (right[key] && right[key](value)) state[key] = value;
    settle();
  }
  function settle() {  // a size and a clock that are there
    const sizes = index.sizes[state.name];
    if (!sizes[state.clock]) state.clock = Object.keys(sizes)[0];
    if (!sizes[state.clock].includes(state.size)) state.size = sizes[state.clock].includes("1") ? "1" : sizes[state.clock][0];
    if (state.order === "each" && !hasEach()) state.order = "kind";
  }
  const rowsNow = () => index.menus[state.clock][state.outcome].rows;
  const hasEach = () => Object.values(rowsNow()).some((row) => row.each !== null);

  async function views(name) {
    if (!unpacked[name]) {
      const packed = Uint8Array.from(atob(at("v-" + name).textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      unpacked[name] = JSON.parse(await new Response(stream).text());
    }
    return unpacked[name];
  }
  let latest = 0;
  async function show(announce) {
    const mine = ++latest, key = state.clock + "|" + state.size, place = Object.keys(index.languages).indexOf(state.language);
    let text;
    try {
      const { keys, parts } = await views(state.name), view = keys.indexOf(key);
      text = parts.map((part) => part[view][place]).join("").replace(/\u00a7(\d+)\u00a7/g, (_, n) => shared[n]);
    } catch (error) {
      if (typeof DecompressionStream === "undefined") { at("trial").hidden = false; at("trial").textContent = said("old_browser"); return; }
      throw error;
    }
    if (mine !== latest) return;
    const within = document.activeElement && document.activeElement.name === "size";
    const made = document.createElement("template");
    made.innerHTML = text;
    judge(made.content);
    at("view").replaceChildren(made.content);
    if (within) at("view").querySelector("input[name=size]:checked")?.focus({ preventScroll: true });
    if (announce) at("announced").textContent = at("view").querySelector("h1").textContent;
    for (const code of at("view").querySelectorAll(".believe code")) addCopy(code);
  }
  function judge(view) {  // by what it is for and by jobs at first; by the outcome that was chosen
    const first = state.outcome === outcomes[0], right = (one) => one.dataset.outcome === state.outcome;
    for (const one of view.querySelectorAll(".also")) {
      if (!right(one)) one.remove();
      else if (!first) { one.classList.add("chosen"); view.querySelector("h1").before(one); }
    }
    for (const kind of [".facts", ".sizes", ".beside"]) {
      const all = [...view.querySelectorAll(kind + "[data-outcome]")], kept = first ? all[0] : all.find(right);
      for (const one of all) if (one !== kept) one.remove();
    }
    for (const one of view.querySelectorAll("[hidden]")) one.hidden = false;
    for (const button of view.querySelectorAll("input[name=size]")) button.checked = button.value === state.size;
  }
  function addCopy(code) {
    code.id = "command";
    const button = document.createElement("button");
    button.type = "button"; button.className = "copy"; button.dataset.of = "command"; button.textContent = said("copy");
    code.parentElement.append(document.createElement("br"), button);
  }
  function choices(box, name, options) {
    box.querySelectorAll("label").forEach((label) => label.remove());
    for (const [value, words, lang] of options) {
      const label = document.createElement("label");
      label.innerHTML = `<input type="radio" name="${name}" value="${value}"> ${html(words)}`;
      if (lang) label.lang = lang;
      label.firstChild.checked = state[name] === value;
      box.append(label);
    }
  }
  function select(id, options, value) {
    at(id).innerHTML = options.map(([v, words]) => `<option value="${v}">${html(words)}</option>`).join("");
    at(id).value = value;
  }
  const priced = () => state.limit !== "" || state.order === "each";
  const price = (one) => priced() && of(one.price) ? `<small>${html(of(one.price))}</small>` : "";
  function menu() {
    const { axis } = index.menus[state.clock][state.outcome], rows = rowsNow();
    const row = (name) => {
      const one = rows[name];
      if (!one) return "";
      const dear = state.limit !== "" && one.cost > Number(state.limit) ? " dear" : "", not = one.told ? "" : " not";
      const checked = name === state.name ? " checked" : "";
      return `<label class="row${dear}"><input type="radio" name="name" value="${name}"${checked}>` +
        `<span class="n${not}">${html(of(index.names[name]))}${price(one)}</span>${one.mark}<span class="v${not}">${html(of(one.words))}</span></label>`;
    };
    const head = `<div class="row head" aria-hidden="true"><span></span>${axis}<span></span></div>`;
    let text;
    if (state.order === "kind") {
      text = index.kinds.map((kind) => `<fieldset><legend class="kind">${html(of(kind.words))}</legend>${kind.of.map(row).join("")}</fieldset>`).join("");
    } else {
      const value = (name) => state.order === "effect" ? (rows[name].told ? -rows[name].effect : Infinity) : (rows[name].each ?? Infinity);
      const names = Object.keys(rows).sort((a, b) => value(a) - value(b) || of(index.names[a]).localeCompare(of(index.names[b])));
      const shocks = index.kinds.find((kind) => kind.key === "shocks");  // nobody chooses one
      const struck = shocks ? names.filter((name) => shocks.of.includes(name)) : [];
      text = `<p class="note">${html(said("order_note"))}</p><fieldset><legend class="away">${html(said("choose"))}</legend>` +
        names.filter((name) => !struck.includes(name)).map(row).join("") + "</fieldset>";
      if (struck.length) text += `<fieldset><legend class="kind">${html(of(shocks.words))}</legend>${struck.map(row).join("")}</fieldset>`;
    }
    at("rows").innerHTML = head + text;
  }
  function words() {
    const html_ = document.documentElement;
    html_.lang = index.languages[state.language];
    document.title = of(index.title) + " · " + of(index.names[state.name]);
    for (const id of ["name", "choose", "judged_by", "cost_up_to", "not_in_atlas", "not_in_atlas_note", "menu_note", "skip"]) at(id).textContent = said(id);
    at("order_label").textContent = said("order");
    at("title").textContent = of(index.title);
    at("lacking").textContent = of(index.lacking);
    at("other").textContent = index.other;
    at("assumed").textContent = of(index.assumed); at("assumed").hidden = state.clock !== "ahead";
    at("trial").textContent = of(index.trial); at("trial").hidden = of(index.trial) === "";
    at("chooser").textContent = of(index.names[state.name]);
    at("language").firstElementChild.textContent = said("language"); at("clock").firstElementChild.textContent = said("clock");
    document.querySelectorAll(".copy").forEach((button) => { button.textContent = said("copy"); });
    choices(at("language"), "language", [["en", "EN", "en"], ["zh", "中文", "zh-Hans"]]);
    choices(at("clock"), "clock", clocks.map((clock) => [clock, of(index.clocks[clock])]));
    select("outcome", outcomes.map((name) => [name, of(index.outcomes[name])]), state.outcome);
    select("order", [["kind", said("order_kind")], ["effect", said("order_effect")], ...(hasEach() ? [["each", said("order_each")]] : [])], state.order);
    select("limit", [["", said("any_cost")], ...index.limits.map((one) => [String(one.most), of(one.words)])], state.limit);
  }
  function draw(announce) {
    const held = document.activeElement, name = held && held.name, value = held && held.value;
    settle(); words(); menu();
    if (name && ["name", "clock", "language"].includes(name)) {
      document.querySelector(`input[name="${name}"][value="${value}"]`)?.focus({ preventScroll: true });
    }
    return show(announce);
  }
  function change(key, value) {
    state[key] = value;
    if (key === "name") state.size = "1";
    settle();
    const address = new URLSearchParams({ name: state.name, size: state.size, clock: state.clock, outcome: state.outcome,
      language: state.language, ...(state.order !== "kind" ? { order: state.order } : {}), ...(state.limit ? { limit: state.limit } : {}) });
    history.pushState(null, "", "#" + address);
    draw(true);
  }
  document.addEventListener("change", (event) => {
    const { name, id, value } = event.target;
    if (["name", "clock", "language", "size"].includes(name)) change(name, value);
    else if (["outcome", "order", "limit"].includes(id)) change(id, value);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) {
      if (event.target.name === "name" && event.detail > 0 && at("menu").classList.contains("open")) fold(false);
      return;
    }
    if (button.id === "chooser") fold(!at("menu").classList.contains("open"));
    if (button.dataset.of) copy(button);
  });
  function fold(open) {
    at("menu").classList.toggle("open", open);
    at("chooser").setAttribute("aria-expanded", String(open));
  }
  async function copy(button) {
    const text = at(button.dataset.of).textContent;
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("textarea");
      area.value = text; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    button.textContent = said("copied");
  }
  window.addEventListener("popstate", () => { fromAddress(); draw(false); });
  window.addEventListener("hashchange", () => { fromAddress(); draw(false); });
  fromAddress();
  draw(false).then(() => { document.documentElement.dataset.ready = "yes"; });
})();
