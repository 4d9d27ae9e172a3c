/* The legend: swatches with words, method and unit, drawn again when the theme changes. */
(function (fw) {
  function swatch(item) {
    const box = fw.svg("svg", { class: "swatch", viewBox: "0 0 24 16", width: 24, height: 16, "aria-hidden": "true" });
    if (item.shape) {
      box.append(fw.svg("path", { d: fw.shapes[item.shape], transform: "translate(12 8) scale(6)", fill: item.fill,
        stroke: item.line || item.fill, "stroke-width": 0.25 }));
      return box;
    }
    if (item.stroke) {
      box.append(fw.svg("line", { x1: 1, y1: 8, x2: 23, y2: 8, stroke: item.stroke, "stroke-width": item.width || 3,
        "stroke-dasharray": item.dash ? item.dash.join(" ") : null, "stroke-linecap": "round" }));
      return box;
    }
    box.append(fw.svg("rect", { x: 0.5, y: 0.5, width: 23, height: 15, rx: 2, fill: item.fill || "none", stroke: fw.token("--line-strong") }));
    if (item.hatch === "lines") {
      for (const start of [-10, -4, 2, 8, 14, 20]) {
        box.append(fw.svg("line", { x1: Math.max(1, start), y1: start < 1 ? 15 - (1 - start) : 15, x2: Math.min(23, start + 14),
          y2: start + 14 > 23 ? 1 + (start + 14 - 23) : 1, stroke: fw.token("--map-hatch"), "stroke-width": 1.2 }));
      }
    } else if (item.hatch === "dots") {
      for (const x of [4, 12, 20]) for (const y of [4.5, 11.5]) box.append(fw.svg("circle", { cx: x, cy: y, r: 1.5, fill: fw.token("--map-hatch") }));
    }
    return box;
  }

  /* make() gives { title, unit, method, items, more }; it is asked again on each show(). */
  fw.makeLegend = function (make) {
    const place = fw.place("legend");
    const show = function () {
      const spec = make();
      fw.clear(place);
      place.append(fw.element("h2", { text: spec.title }));
      if (spec.unit) place.append(fw.element("p", { class: "under", text: spec.unit }));
      place.append(fw.element("ul", { class: "legend-items" }, spec.items.map((item) =>
        fw.element("li", {}, [swatch(item), fw.textual(item.label), item.count === undefined ? null : fw.element("span", { class: "count", text: item.count })]))));
      if (spec.method) place.append(fw.element("p", { class: "method", text: spec.method }));
    };
    fw.onTheme(show);
    show();
    return show;
  };

  /* Legend rows of a classed measure: from - to, with how many areas fall in each. */
  fw.classItems = function (classes, values, kind, format, missingWord) {
    const colours = fw.isDark() ? classes.dark : classes.light;
    const counts = new Array(classes.upper.length).fill(0);
    let missing = 0;
    for (const value of values) {
      const place = fw.classOf(classes.upper, value);
      if (place < 0) missing += 1;
      else counts[place] += 1;
    }
    const items = classes.upper.map(function (bound, i) {
      const from = i ? classes.upper[i - 1] : classes.lowest;
      const single = classes.scheme === "unique" || from === bound;
      const label = single ? format.brief(kind, bound) : `${format.brief(kind, from)} to ${format.brief(kind, bound)}`;
      return { fill: colours[i], label: label, count: counts[i] };
    });
    if (missing) items.push(missingWord ? { fill: fw.token("--map-calm"), label: missingWord, count: missing } : { hatch: "lines", label: "no value", count: missing });
    return items;
  };
})(Fieldwright);
