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

    function parts(i) {
      const items = data.parts.map((part) => ({ label: part.label, value: part.values[i] })).filter((part) => fw.isNumber(part.value));
      for (const part of items) part.text = format("money", part.value);
      return items;
    }

    function show(i) {
      const row = (key) => data.rows[key][i];
      const facts = data.facts.map((fact) => [fact.label, format(fact.kind, row(fact.key)) + (fact.unit ? ` ${fact.unit}` : "")]);
      fw.showDetails({
        title: units.nameOf(i),
        tag: row("segment"),
        under: `Unit ${data.units.ids[i]}, confidence ${row("confidence")}`,
        blocks: [
          fw.heading("What its potential is made of"),
          fw.bars(parts(i)),
          fw.element("p", { class: "sum", text: `Sum: ${format("money", row("potential"))} ${data.currency} a year` }),
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
