/* A search box over names and ids: a combobox with a list of at most eight finds. */
(function (fw) {
  const MOST = 8;

  /* items: { label, more, go() }. */
  fw.addSearch = function (label, items) {
    const place = fw.place("search");
    const listId = fw.newId("finds");
    const inputId = fw.newId("search");
    const keys = items.map((item) => `${item.label} ${item.more || ""}`.slice(0, 400).toLocaleLowerCase());
    let found = [];
    let active = -1;

    const list = fw.element("ul", { id: listId, class: "finds", role: "listbox", "aria-label": "Finds", hidden: true });
    const input = fw.element("input", { id: inputId, type: "search", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", placeholder: label });
    const status = fw.element("p", { class: "hidden", role: "status" });

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(k) {
      const item = items[found[k]];
      if (!item) return;
      input.value = fw.clip(item.label, 80);
      close();
      item.go();
    }

    function mark(k) {
      active = k;
      Array.from(list.children).forEach((row, i) => row.setAttribute("aria-selected", String(i === k)));
      if (k >= 0) input.setAttribute("aria-activedescendant", list.children[k].id);
    }

    function look() {
      const words = input.value.trim().toLocaleLowerCase();
      if (!words) return close();
      const starts = [];
      const holds = [];
      for (let i = 0; i < keys.length && starts.length < MOST; i += 1) {
        const at = keys[i].indexOf(words);
        if (at === 0) starts.push(i);
        else if (at > 0 && holds.length < MOST) holds.push(i);
      }
      found = starts.concat(holds).slice(0, MOST);
      fw.clear(list);
      found.forEach(function (i, k) {
        list.append(fw.element("li", { id: `${listId}-${k}`, role: "option", "aria-selected": "false",
          on: { mousedown: (event) => event.preventDefault(), click: () => choose(k) } },
          [fw.textual(fw.clip(items[i].label, 80)), items[i].more ? fw.textual(fw.clip(items[i].more, 60), { class: "more" }) : null]));
      });
      status.textContent = found.length ? `${found.length} found` : "Nothing found";
      if (!found.length) list.append(fw.element("li", { class: "none", text: "Nothing found" }));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(found.length ? 0 : -1);
    }

    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" && found.length) mark((active + 1) % found.length);
      else if (event.key === "ArrowUp" && found.length) mark((active - 1 + found.length) % found.length);
      else if (event.key === "Enter" && active >= 0) choose(active);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    place.append(fw.element("div", { class: "search" }, [
      fw.element("label", { for: inputId, class: "hidden", text: label }), input, list, status]));
  };
})(Fieldwright);
