/* Changes of jurisdictions: which units change hands, from whom, to whom; a table of pairs and one of units. */
(function (fw) {
  const NOBODY = -1;

  fw.pages.diff = function (app) {
    const { data, format } = app;
    const people = data.executives;
    const plain = people.length;
    const changed = data.after.map((owner, i) => owner !== data.before[i]);
    let side = "to";
    let pair = -1;
    const owners = () => (side === "to" ? data.after : data.before);
    const nameOf = (k) => (k === NOBODY ? "nobody" : `${k + 1} ${people[k].name}`);
    const isInPair = (i) => pair < 0 || (data.before[i] === data.pairs[pair].from && data.after[i] === data.pairs[pair].to);
    const sayLoad = (load, value) => `${format(load.kind, value)} ${load.unit && load.kind === "money" ? load.unit : ""}`.trim();

    const units = fw.addUnits(app, {
      opacity: 0.72,
      classOf: (i) => (changed[i] && isInPair(i) ? owners()[i] : plain),
      fill: (k) => (k === plain ? fw.token("--map-ground") : data.colours[k]),
      hatchOf: (i) => (changed[i] && isInPair(i) ? "lines" : ""),
      chosen: (i) => { if (i >= 0) showUnit(i); },
    });
    app.addRoads();
    const sides = fw.makeSides(units.areas);
    const borders = app.painter.add(fw.drawBorders(sides, (i) => owners()[i]));
    const spots = () => (side === "to" ? data.after_labels : data.before_labels);
    const labels = app.painter.add(fw.drawLabels(() => spots().flatMap((unit, k) =>
      (unit < 0 ? [] : [{ text: String(k + 1), x: units.areas.inner.x[unit], y: units.areas.inner.y[unit] }]))));

    fw.addChoice(app.controls, {
      label: "Colour and borders by",
      options: [{ value: "to", label: "Who receives" }, { value: "from", label: "Who gives" }],
      value: side,
      onChange: function (value) {
        side = value;
        showLegend();
        app.painter.redraw();
      },
    });

    const showLegend = fw.makeLegend(function () {
      const count = changed.filter((moves, i) => moves && isInPair(i)).length;
      return {
        title: side === "to" ? "Who receives" : "Who gives",
        items: [
          { stroke: fw.token("--map-border"), width: 2, label: side === "to" ? "Border afterwards" : "Border before" },
          { hatch: "lines", fill: "none", label: pair < 0 ? "Changes hands" : "Changes hands in this pair", count: format("whole", count) },
        ],
        method: "The number names a jurisdiction, as in the tables; colours only set neighbours apart and repeat. Loads are those of the later version.",
      };
    });

    function dotName(k) {
      if (k === NOBODY) return fw.textual("nobody");
      return fw.element("span", { class: "dot-name", look: { display: "inline-flex", gap: "0.5em", alignItems: "center" } }, [
        fw.element("span", { class: "chip", text: String(k + 1), look: { borderColor: data.colours[k], borderWidth: "3px" } }),
        fw.textual(people[k].name)]);
    }

    const backButton = () => fw.element("button", { type: "button", class: "button", text: "All changes", on: { click: function () {
      pair = -1;
      units.drawing.chosen = -1;
      showLegend();
      app.painter.redraw();
      showAll();
    } } });

    function totals(k) {
      const sum = (rows) => ({ units: rows.reduce((all, row) => all + row.units, 0),
        loads: data.loads.map((_, l) => rows.reduce((all, row) => all + row.loads[l], 0)) });
      return { gives: sum(data.pairs.filter((row) => row.from === k)), takes: sum(data.pairs.filter((row) => row.to === k)) };
    }

    /* Net of what each executive takes and gives. */
    function showAll() {
      const rows = people.map((_, k) => ({ k: k, ...totals(k) })).filter((row) => row.gives.units || row.takes.units);
      const blocks = [fw.element("ul", { class: "balance" }, rows.map((row) => fw.element("li", {}, [
        fw.element("span", {}, [dotName(row.k)]),
        fw.element("span", { class: "bar-text", text: `+${format("whole", row.takes.units)} −${format("whole", row.gives.units)} units` }),
      ])))];
      fw.showDetails({ title: rows.length ? "Takes and gives" : "Nothing changes hands",
        under: rows.length ? "Choose a pair in the table, or a unit on the map." : "", blocks: blocks });
    }

    function showPair(row) {
      pair = row;
      const found = data.pairs[row];
      const first = changed.findIndex((moves, i) => moves && isInPair(i));
      if (first >= 0) app.goTo(fw.latLng(units.areas.inner, first), 0);
      showLegend();
      app.painter.redraw();
      fw.showDetails({ title: `${nameOf(found.from)} to ${nameOf(found.to)}`, tag: "changes hands", under: "",
        blocks: [fw.facts([["Units", format("whole", found.units)], ["Accounts", format("whole", found.accounts)],
          ...data.loads.map((load, l) => [load.label, sayLoad(load, found.loads[l])])]), backButton()] });
      pairTable.choose(row);
    }

    function showUnit(i) {
      fw.showDetails({ title: units.nameOf(i), tag: changed[i] ? "changes hands" : "", under: `Unit ${data.units.ids[i]}`,
        blocks: [fw.facts([["Before", nameOf(data.before[i])], ["After", nameOf(data.after[i])],
          ["Accounts that change hands", changed[i] ? format("whole", data.accounts[i]) : ""],
          ...data.loads.map((load) => [load.label, sayLoad(load, load.values[i])])]), backButton()] });
      const row = moved.indexOf(i);
      if (row >= 0) unitTable.choose(row);
    }

    const pairRows = { from: data.pairs.map((row) => nameOf(row.from)), to: data.pairs.map((row) => nameOf(row.to)),
      units: data.pairs.map((row) => row.units), accounts: data.pairs.map((row) => row.accounts) };
    const pairColumns = [
      { key: "from", label: "From", kind: "text", cell: (row) => dotName(data.pairs[row].from) },
      { key: "to", label: "To", kind: "text", cell: (row) => dotName(data.pairs[row].to) },
      { key: "units", label: "Units", kind: "whole" }, { key: "accounts", label: "Accounts", kind: "whole" }];
    data.loads.forEach(function (load, l) {
      pairRows[`load${l}`] = data.pairs.map((row) => row.loads[l]);
      pairColumns.push({ key: `load${l}`, label: load.label, kind: load.kind, unit: load.unit });
    });
    const pairTable = fw.addTable({ title: "Who hands what to whom", name: `${data.market}-handovers`, columns: pairColumns,
      rows: pairRows, count: data.pairs.length, format: format, pick: showPair });

    const moved = changed.flatMap((moves, i) => (moves ? [i] : []));
    const unitRows = { unit: moved.map((i) => units.nameOf(i)), id: moved.map((i) => data.units.ids[i]),
      from: moved.map((i) => nameOf(data.before[i])), to: moved.map((i) => nameOf(data.after[i])), accounts: moved.map((i) => data.accounts[i]) };
    const unitColumns = [{ key: "unit", label: "Unit", kind: "text" }, { key: "from", label: "From", kind: "text" }, { key: "to", label: "To", kind: "text" },
      { key: "accounts", label: "Accounts", kind: "whole" }];
    if (units.nameOf(0) !== data.units.ids[0]) unitColumns.splice(1, 0, { key: "id", label: "Id", kind: "text" });
    data.loads.forEach(function (load, l) {
      unitRows[`load${l}`] = moved.map((i) => load.values[i]);
      unitColumns.push({ key: `load${l}`, label: load.label, kind: load.kind, unit: load.unit });
    });
    const unitTable = fw.addTable({ title: "Units that change hands", name: `${data.market}-units-moved`, columns: unitColumns,
      rows: unitRows, count: moved.length, format: format, pick: (row) => units.choose(moved[row], true) });

    fw.addSearch("Find a pair of executives or a unit", data.pairs.map((row, k) => ({ label: `${nameOf(row.from)} to ${nameOf(row.to)}`, more: "", go: () => showPair(k) })).concat(units.finds()));
    app.switches.push(
      { label: "Numbers of jurisdictions", isOn: true, set: (on) => { labels.isVisible = on; } },
      { label: "Borders of jurisdictions", isOn: true, set: (on) => { borders.isVisible = on; } },
      { label: "Unit borders", isOn: true, set: (on) => { units.drawing.bordered = on; } });
    showAll();
  };
})(Fieldwright);
