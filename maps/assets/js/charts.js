/* Small charts: bars in a list, bars about zero with a tolerance, a day's timeline, a curve. */
(function (fw) {
  const percent = (share) => `${Math.max(0, Math.min(100, share * 100)).toFixed(2)}%`;

  /* Bars that start at zero; negative ones run to the left of it. items: {label, value, text}. */
  fw.bars = function (items) {
    const low = Math.min(0, ...items.map((item) => item.value));
    const high = Math.max(0, ...items.map((item) => item.value));
    const span = high - low || 1;
    return fw.element("ul", { class: "bars" }, items.map(function (item) {
      const from = (Math.min(0, item.value) - low) / span;
      const bar = fw.element("span", { class: item.value < 0 ? "bar is-less" : "bar",
        look: { left: percent(from), width: percent(Math.abs(item.value) / span) } });
      return fw.element("li", {}, [fw.element("span", { class: "bar-label", dir: "auto", text: item.label }),
        fw.element("span", { class: "bar-text", text: item.text }), fw.element("span", { class: "bar-track" }, [bar])]);
    }));
  };

  /* Deviation about zero with the tolerance as a band; for a table cell. */
  fw.deviationBar = function (value, tolerance, limit) {
    const width = 96;
    const x = (amount) => width / 2 + (Math.max(-limit, Math.min(limit, amount)) / limit) * (width / 2 - 2);
    const out = Math.abs(value) > tolerance + 1e-9;
    return fw.svg("svg", { class: "deviation", viewBox: `0 0 ${width} 14`, width: width, height: 14, "aria-hidden": "true" }, [
      fw.svg("rect", { class: "band", x: x(-tolerance), y: 0, width: x(tolerance) - x(-tolerance), height: 14 }),
      fw.svg("rect", { class: out ? "amount is-out" : "amount", x: Math.min(x(0), x(value)), y: 3, width: Math.max(1, Math.abs(x(value) - x(0))), height: 8 }),
      fw.svg("line", { class: "zero", x1: width / 2, y1: 0, x2: width / 2, y2: 14 }),
    ]);
  };

  /* Rows of a day's parts. rows: {label, more, parts: [{kind, from, to, text}], pick()}. Seconds of day. */
  fw.timeline = function (rows, label) {
    const from = Math.floor(Math.min(8 * 3600, ...rows.map((row) => row.parts[0]?.from ?? 32400)) / 3600);
    const to = Math.ceil(Math.max(17 * 3600, ...rows.map((row) => row.parts.at(-1)?.to ?? 32400)) / 3600);
    const left = 92;
    const wide = 360;
    const tall = 24;
    const x = (seconds) => left + ((seconds / 3600 - from) / (to - from)) * (wide - left - 6);
    const picture = fw.svg("svg", { class: "timeline", viewBox: `0 0 ${wide} ${rows.length * tall + 20}`, role: "img", "aria-label": label });
    for (let hour = from; hour <= to; hour += to - from > 8 ? 2 : 1) {
      picture.append(fw.svg("line", { class: "grid", x1: x(hour * 3600), x2: x(hour * 3600), y1: 14, y2: rows.length * tall + 18 }));
      picture.append(fw.svg("text", { class: "tick", x: x(hour * 3600), y: 10, "text-anchor": "middle", text: String(hour) }));
    }
    rows.forEach(function (row, k) {
      const y = 18 + k * tall;
      const line = fw.svg("g", { class: row.pick ? "timeline-row can-pick" : "timeline-row" });
      line.append(fw.svg("title", { text: `${row.label} ${row.more || ""}` }));
      line.append(fw.svg("rect", { class: "catch", x: 0, y: y, width: wide, height: tall }));
      line.append(fw.svg("text", { class: "row-label", x: 0, y: y + 15, text: fw.clip(row.label, 14) }));
      for (const part of row.parts) {
        const drive = part.kind === "drive";
        line.append(fw.svg("rect", { class: `part ${part.kind}`, x: x(part.from), y: y + (drive ? 9 : 4), width: Math.max(0.6, x(part.to) - x(part.from)), height: drive ? 5 : 15, rx: drive ? 0 : 2 }));
      }
      if (row.pick) line.addEventListener("click", row.pick);
      picture.append(line);
    });
    return picture;
  };

  /* The first of 1, 2, 2.5, 4, 5, 8 times a power of ten that is not under the value. */
  function niceTop(value) {
    const power = Math.pow(10, Math.floor(Math.log10(value)));
    return power * [1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value * 0.999);
  }

  /* Curves over whole steps. series: {name, values, dash}; marked: the step in use. */
  fw.curve = function (spec) {
    const wide = 340;
    const tall = 180;
    const left = 52;
    const bottom = 34;
    const values = spec.series.flatMap((line) => line.values).filter(fw.isNumber);
    const top = niceTop(Math.max(...values, 1e-9));
    const first = Math.min(...spec.steps);
    const last = Math.max(...spec.steps, first + 1);
    const x = (step) => left + ((step - first) / (last - first)) * (wide - left - 14);
    const y = (value) => tall - bottom - (value / top) * (tall - bottom - 12);
    const picture = fw.svg("svg", { class: "curve", viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": spec.label });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const at = y(top * share);
      picture.append(fw.svg("line", { class: "grid", x1: left, x2: wide - 8, y1: at, y2: at }));
      picture.append(fw.svg("text", { class: "tick", x: left - 6, y: at + 4, "text-anchor": "end", text: spec.show(top * share) }));
    }
    const every = Math.max(1, Math.ceil(spec.steps.length / 8));
    spec.steps.forEach(function (step, k) {
      if (k % every === 0) picture.append(fw.svg("text", { class: "tick", x: x(step), y: tall - bottom + 16, "text-anchor": "middle", text: String(step) }));
    });
    picture.append(fw.svg("text", { class: "tick", x: (left + wide) / 2, y: tall - 4, "text-anchor": "middle", text: spec.under }));
    for (const line of spec.series) {
      const places = spec.steps.map((step, k) => [step, line.values[k]]).filter((place) => fw.isNumber(place[1]));
      picture.append(fw.svg("polyline", { class: `line ${line.kind}`, points: places.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }));
      for (const [step, value] of places) {
        picture.append(fw.svg("circle", { class: step === spec.marked ? `dot ${line.kind} is-marked` : `dot ${line.kind}`, cx: x(step), cy: y(value), r: step === spec.marked ? 4.5 : 2.4 }));
      }
    }
    return picture;
  };

  /* Points in a plane. points: {x, y, text, title, marked}; under, beside: what the axes are. */
  fw.scatter = function (spec) {
    const wide = 340;
    const tall = 200;
    const left = 52;
    const bottom = 36;
    const ends = function (values) {
      const low = Math.min(...values);
      const high = Math.max(...values);
      const room = (high - low || Math.abs(high) || 1) * 0.08;
      return [low - room, high + room];
    };
    const [minX, maxX] = ends(spec.points.map((point) => point.x));
    const [minY, maxY] = ends(spec.points.map((point) => point.y));
    const x = (value) => left + ((value - minX) / (maxX - minX)) * (wide - left - 26);
    const y = (value) => tall - bottom - ((value - minY) / (maxY - minY)) * (tall - bottom - 22);
    const picture = fw.svg("svg", { class: "curve", viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": spec.label });
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      const value = minY + share * (maxY - minY);
      picture.append(fw.svg("line", { class: "grid", x1: left, x2: wide - 8, y1: y(value), y2: y(value) }));
      picture.append(fw.svg("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end", text: spec.show(value) }));
      const step = minX + share * (maxX - minX);
      picture.append(fw.svg("text", { class: "tick", x: x(step), y: tall - bottom + 16, "text-anchor": "middle", text: spec.show(step) }));
    }
    picture.append(fw.svg("text", { class: "tick", x: (left + wide) / 2, y: tall - 4, "text-anchor": "middle", text: spec.under }));
    picture.append(fw.svg("text", { class: "tick", x: 4, y: 10, text: spec.beside }));
    const written = [];
    for (const point of spec.points) {
      const dot = fw.svg("circle", { class: point.marked ? "dot is-marked" : "dot", cx: x(point.x), cy: y(point.y), r: point.marked ? 5 : 3.4 });
      dot.append(fw.svg("title", { text: point.title }));
      picture.append(dot);
      const spot = { x: x(point.x) + 6, y: y(point.y) - 4 };
      const isFree = !written.some((other) => Math.abs(other.x - spot.x) < 22 && Math.abs(other.y - spot.y) < 10);
      if (!point.text || !(isFree || point.marked)) continue;
      written.push(spot);
      picture.append(fw.svg("text", { class: "tick", x: spot.x, y: spot.y, text: point.text }));
    }
    return picture;
  };
})(Fieldwright);
