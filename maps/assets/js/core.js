/* Elements made from text, never from markup; the theme; words for the screen reader. */
"use strict";
const Fieldwright = { pages: {} };

(function (fw) {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(node, options, children) {
    for (const [name, value] of Object.entries(options || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name === "text") node.textContent = value;
      else if (name === "on") for (const [type, act] of Object.entries(value)) node.addEventListener(type, act);
      else if (name === "look") Object.assign(node.style, value);
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    for (const child of children || []) if (child) node.append(child);
    return node;
  }

  fw.element = (tag, options, children) => fill(document.createElement(tag), options, children);
  fw.svg = (tag, options, children) => fill(document.createElementNS(SVG, tag), options, children);
  fw.place = (id) => document.getElementById(id);
  fw.clear = (node) => { node.replaceChildren(); return node; };
  fw.read = (id) => JSON.parse(document.getElementById(id).textContent);

  /* Columns whose texts repeat come as their words and the place of each. */
  fw.unpack = function (columns) {
    for (const [name, column] of Object.entries(columns || {})) {
      if (column && column.words) columns[name] = column.at.map((place) => column.words[place]);
    }
  };

  fw.clip = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

  /* Market text of unknown direction stands in an element of its own. */
  fw.textual = (text, options) => fw.element("span", Object.assign({ dir: "auto", text: text }, options));

  let count = 0;
  fw.newId = (stem) => `${stem}-${(count += 1)}`;

  /* The theme: colours come from the sheet, so that dark mode and print need one place only. */
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let tokens = null;
  const followers = [];

  fw.isDark = () => dark.matches && !document.documentElement.hasAttribute("data-print");
  fw.token = function (name) {
    if (!tokens) tokens = { style: getComputedStyle(document.documentElement), known: {} };
    if (!(name in tokens.known)) tokens.known[name] = tokens.style.getPropertyValue(name).trim();
    return tokens.known[name];
  };
  fw.onTheme = (act) => followers.push(act);
  function themeChanged() {
    tokens = null;
    for (const act of followers) act();
  }
  dark.addEventListener("change", themeChanged);
  window.addEventListener("beforeprint", () => {
    document.documentElement.setAttribute("data-print", "");
    themeChanged();
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.removeAttribute("data-print");
    themeChanged();
  });
})(Fieldwright);
