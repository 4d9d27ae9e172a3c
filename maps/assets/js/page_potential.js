/* What each unit is worth, by the measure chosen, and what its potential is made of. */
(function (fw) {
  fw.pages.potential = function (app) {
    const { data, format } = app;
    let measure = data.measures[0];
    const values = () => data.rows[measure.key];
    const colours = () => (fw.isDark() ? measure.classes.dark : measure.classes.light);
    let table = null;

    const units = fw.addUnits(app, {
      classOf: (i) => fw.classOf(measure.classes.upper, values()[i]),
      fill: (kind) => colours()[kind],
      chosen: show,
    });
    app.addRoads();

    fw.addChoice(app.controls, {
      label: "Measure",
      options: data.measures.map((item) => ({ value: item.key, label: item.label })),
      value: measure.key,
      onChange: function (key) {
        measure = data.measures.find((item) => item.key === key);
        redrawLegend();
        app.painter.redraw();
      },
    });
    const redrawLegend = fw.makeLegend(() => ({
      title: measure.label,
      unit: [measure.text, measure.unit].filter(Boolean).join(", "),
      items: fw.classItems(measure.classes, values(), measure.kind, format),
      method: `Classes: ${measure.classes.method}. The right-hand figure counts units.`,
    }));

    function parts(of, i) {
      const items = of.map((part) => ({ label: part.label, value: part.values[i] })).filter((part) => fw.isNumber(part.value));
      for (const part of items) part.text = format("money", part.value);
      return items;
    }

    /* The 80 % interval of a figure in words, "" where the plan has none or knows it exactly. */
    function sure(key, i) {
      const low = data.rows[`${key}_low`]?.[i];
      const high = data.rows[`${key}_high`]?.[i];
      if (!fw.isNumber(low) || !fw.isNumber(high) || low >= high) return "";
      return ` (80 % sure: ${format("money", low)} to ${format("money", high)})`;
    }

    /* Rank with its range, and the input that would change the unit most. */
    function doubts(i) {
      const row = (key) => data.rows[key]?.[i];
      const lines = [];
      if (fw.isNumber(row("rank"))) {
        const range = row("rank_low") < row("rank_high") ? `, ${row("rank_low")} to ${row("rank_high")} if causes weigh up to a quarter more or less` : "";
        lines.push(`Rank ${row("rank")} of ${data.units.ids.length}${range}.`);
      }
      if (row("swing") > 0) lines.push(`What would change it most: ${row("swing_input")}, by ${format("money", row("swing"))} ${data.currency}.`);
      return lines.map((line) => fw.element("p", { class: "sum", text: line }));
    }

    function reached(i) {
      if (!data.reached.length) return [];
      return [
        fw.heading("What we reach of it"),
        fw.bars(parts(data.reached, i)),
        fw.element("p", { class: "sum", text: `Sum: ${format("money", data.rows.accessible[i])} ${data.currency} a year${sure("accessible", i)}` }),
      ];
    }

    function show(i) {
      const row = (key) => data.rows[key][i];
      const facts = data.facts.map((fact) => [fact.label, format(fact.kind, row(fact.key)) + (fact.unit ? ` ${fact.unit}` : "") + sure(fact.key, i)]);
      fw.showDetails({
        title: units.nameOf(i),
        tag: row("segment"),
        under: `Unit ${data.units.ids[i]}, confidence ${row("confidence")}`,
        blocks: [
          fw.heading("What its potential is made of"),
          fw.bars(parts(data.parts, i)),
          fw.element("p", { class: "sum", text: `Sum: ${format("money", row("potential"))} ${data.currency} a year${sure("potential", i)}` }),
          ...reached(i),
          fw.heading("How sure it is"),
          ...doubts(i),
          fw.facts(facts),
        ],
      });
      if (table) table.choose(i);
    }

    table = fw.addTable({
      title: "Units", name: `${data.market}-potential`, columns: data.columns, rows: data.rows,
      count: data.units.ids.length, format: format, pick: (i) => units.choose(i, true),
    });
    fw.addSearch("Find a unit by name or id", units.finds());
    app.switches.push({ label: "Unit borders", isOn: true, set: (on) => { units.drawing.bordered = on; } });
    let best = 0;
    data.rows.potential.forEach((value, i) => { if (value > data.rows.potential[best]) best = i; });
    if (data.units.ids.length) units.choose(best, false);
    else fw.showDetails({ title: "No units", under: "This plan holds no unit." });
  };
})(Fieldwright);
