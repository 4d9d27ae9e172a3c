/* Jurisdictions: after, before, what changed; balance; a table of jurisdictions and one of units. */
(function (fw) {
  const NOBODY = -1;

  fw.pages.alignment = function (app) {
    const { data, format } = app;
    const people = data.executives;
    const hasBefore = Boolean(data.before);
    const changed = data.after.map((owner, i) => hasBefore && owner !== data.before[i]);
    const locked = new Set(data.locked);
    let shown = "after";
    let marksLocked = false;
    let only = -1;
    const proved = new Set(data.diagnosis.flatMap((found) => found.units));
    let marksProved = proved.size > 0;
    const owners = () => (shown === "before" ? data.before : data.after);
    const nameOf = (k) => (k === NOBODY ? "nobody" : `${k + 1} ${people[k].name}`);

    const units = fw.addUnits(app, {
      opacity: 0.72,
      classOf: (i) => (shown === "changes" && !changed[i] ? people.length : owners()[i]),
      fill: (k) => (k === people.length ? fw.token("--map-ground") : data.colours[k]),
      hatchOf: function (i) {
        if (marksProved && proved.has(i)) return "dots";
        if (marksLocked && locked.has(i)) return "dots";
        return changed[i] && shown === "after" ? "lines" : "";
      },
      chosen: (i) => { if (i >= 0) showUnit(i); },
    });
    app.addRoads();
    const sides = fw.makeSides(units.areas);
    const borders = app.painter.add(fw.drawBorders(sides, (i) => owners()[i]));
    /* Levels have ever thicker borders; before the redraw nobody was in a group. */
    const groupOf = (level, i) => (data.after[i] === NOBODY ? NOBODY : level.of[data.after[i]]);
    const heads = data.levels.map((level, l) => app.painter.add(
      fw.drawBorders(sides, (i) => (shown === "before" ? 0 : groupOf(level, i)), 3.6 + 1.8 * l)));
    const spots = () => (shown === "before" ? data.before_labels : data.after_labels);
    const at = (unit) => ({ x: units.areas.inner.x[unit], y: units.areas.inner.y[unit] });
    const labels = app.painter.add(fw.drawLabels(() => spots().flatMap((unit, k) =>
      (unit < 0 ? [] : [Object.assign({ text: String(k + 1) }, at(unit))]))));
    const names = app.painter.add(fw.drawLabels(() => spots().flatMap((unit, k) =>
      (unit < 0 ? [] : [Object.assign({ text: people[k].name, small: true, lower: 15 }, at(unit))]))));
    names.isVisible = people.length <= 24;

    if (hasBefore) {
      fw.addChoice(app.controls, {
        label: "Alignment",
        options: [{ value: "after", label: "After" }, { value: "before", label: "Before" }, { value: "changes", label: "Changes" }],
        value: shown,
        onChange: function (value) {
          shown = value;
          showLegend();
          app.painter.redraw();
        },
      });
    }

    const showLegend = fw.makeLegend(function () {
      const moved = changed.filter(Boolean).length;
      const items = [{ stroke: fw.token("--map-border"), width: 2, label: "Border of a jurisdiction" }];
      if (shown !== "before") data.levels.forEach((level, l) => items.push({ stroke: fw.token("--map-border"), width: 3.6 + 1.8 * l, label: `Border of a group: ${level.name}` }));
      if (hasBefore && shown === "after") items.push({ hatch: "lines", fill: "none", label: "Changed hands", count: format("whole", moved) });
      if (hasBefore && shown === "changes") items.push({ fill: data.colours[0], label: "Changed hands, by new owner", count: format("whole", moved) });
      if (proved.size && marksProved) items.push({ hatch: "dots", fill: "none", label: "Units of the diagnosis", count: format("whole", proved.size) });
      if (locked.size) items.push({ hatch: "dots", fill: "none", label: "Locked (see Layers)", count: locked.size });
      const free = owners().filter((owner) => owner === NOBODY).length;
      if (free) items.push({ hatch: "lines", label: "Nobody's", count: free });
      return {
        title: { after: "After", before: "Before", changes: "What changed" }[shown],
        items: items,
        method: "The number names a jurisdiction, as in the table; colours only set neighbours apart and repeat. Load is an executive's sum; deviation is load over the mean of all executives, less one.",
      };
    });

    /* Balance: one bar of deviation per executive and load. */
    function showBalance() {
      const blocks = diagnosisBlocks();
      data.loads.forEach(function (load, l) {
        blocks.push(fw.heading(`${load.label}: deviation from the mean, ±${format("number", load.tolerance)} % ${load.is_soft ? "wished, the rest is priced" : "allowed"}`));
        const rows = people.map((person, k) => ({ k: k, now: data.now[k], then: data.then[k] })).filter((row) => row.now);
        const limit = Math.max(load.tolerance * 1.5, ...rows.map((row) => Math.abs(row.now.deviation[l])), 1);
        blocks.push(fw.element("ul", { class: "balance" }, rows.map((row) => fw.element("li", {}, [
          fw.element("button", { type: "button", class: "pick", on: { click: () => showPerson(row.k, true) } }, [dotName(row.k)]),
          fw.deviationBar(row.now.deviation[l], load.tolerance, limit),
          fw.element("span", { class: "bar-text", text: format("signed", row.now.deviation[l]) }),
        ]))));
      });
      blocks.push(...frontierBlocks());
      fw.showDetails({ title: "Balance", under: "Choose a unit or a jurisdiction for its figures.", blocks: blocks });
    }

    function diagnosisBlocks() {
      if (!data.diagnosis.length) return [];
      return [fw.heading("What is proved to stand in the way"), ...data.diagnosis.map((found) =>
        fw.element("p", { class: "method", dir: "auto", text: found.text }))];
    }

    /* Each point a plan that no other beats: deviation to the right, inertia up, moved as the label. */
    function frontierBlocks() {
      if (!data.frontier.length) return [];
      const picture = fw.scatter({
        label: "Frontier: worst deviation against moment of inertia; the number is the workload moved, in percent",
        points: data.frontier.map((point) => ({ x: point.worst, y: point.inertia, marked: point.is_this,
          text: hasBefore ? format("whole", Math.round(point.moved)) : "",
          title: `±${format("number", point.worst)} %, inertia ${format("number", point.inertia)}, moved ${format("number", point.moved)} %` })),
        under: "worst deviation, %", beside: "inertia, h km²", show: (value) => format("number", value),
      });
      return [fw.heading("Frontier: balance, compactness, moves"), picture, fw.element("p", { class: "method",
        text: `Each point is a plan no other beats${hasBefore ? "; its number is the workload it moves, in percent" : ""}.${data.frontier.some((point) => point.is_this) ? " The ringed one is this plan." : ""} All are in the table below.` })];
    }

    function dotName(k) {
      return fw.element("span", { class: "dot-name" }, [
        fw.element("span", { class: "chip", text: String(k + 1), look: { borderColor: data.colours[k], borderWidth: "3px" } }),
        fw.textual(people[k].name)]);
    }

    const backButton = () => fw.element("button", { type: "button", class: "button", text: "Back to balance", on: { click: function () {
      units.drawing.chosen = -1;
      app.painter.redraw();
      showBalance();
    } } });

    function personFacts(k) {
      const now = data.now[k];
      const then = data.then[k];
      if (!now) return fw.facts([["Units", "none in this alignment"]]);
      const was = (text) => (then ? `${text}` : "");
      return fw.facts([
        ["Units", format("whole", now.units) + (then ? `, was ${format("whole", then.units)}` : "")],
        ...data.loads.flatMap((load, l) => [
          [load.label, `${format(load.kind, now.loads[l])} ${load.unit && load.kind === "money" ? load.unit : ""}`],
          [`${load.label}, deviation`, format("signed", now.deviation[l]) + was(then ? `, was ${format("signed", then.deviation[l])}` : "")],
        ]),
        ...data.levels.map((level) => [fw.titled(level.name), level.of[k] === NOBODY ? "" : level.groups[level.of[k]].id]),
        ["Key accounts", data.keys.length ? format("whole", data.keys.filter((one) => one.executive === k).length) : ""],
        ...(data.road[k] ? [["Minutes by road from its centre", `${format("number", data.road[k].mean)} on average, ${format("number", data.road[k].worst)} at most`]] : []),
        ["Parts", format("whole", now.components)],
        ["Compactness (Polsby-Popper)", format("index", now.polsby_popper)],
        ["Moved in", hasBefore ? format("percent", now.moved_in) : ""],
        ...(data.driven[k] ? [["Driven hours", `${format("hours", data.driven[k].hours)}, of which driving ${format("hours", data.driven[k].driving)}`],
          ["Driven hours, deviation", format("signed", data.driven[k].deviation)]] : []),
      ]);
    }

    function showPerson(k, move) {
      const unit = data.after_labels[k];
      if (move && unit >= 0) app.goTo(fw.latLng(units.areas.inner, unit), 0);
      fw.showDetails({ title: people[k].name, tag: `Jurisdiction ${k + 1}`, under: people[k].id, blocks: [personFacts(k), backButton()] });
      table.choose(k);
    }

    function showUnit(i) {
      const owner = data.after[i];
      fw.showDetails({
        title: units.nameOf(i),
        tag: locked.has(i) ? "locked" : changed[i] ? "changed hands" : "",
        under: `Unit ${data.units.ids[i]}`,
        blocks: [
          fw.facts([
            ["Executive", nameOf(owner)],
            ["Before", hasBefore ? nameOf(data.before[i]) : ""],
            ...data.loads.map((load) => [load.label, `${format(load.kind, load.values[i])} ${load.kind === "money" ? load.unit : ""}`]),
          ]),
          owner >= 0 ? fw.heading(`Jurisdiction ${nameOf(owner)}`) : null,
          owner >= 0 ? personFacts(owner) : null,
          backButton(),
        ],
      });
      unitTable.choose(i);
      if (owner >= 0) table.choose(owner);
    }

    const seats = people.map((_, k) => k);
    const pickNow = (read) => seats.map((k) => (data.now[k] ? read(data.now[k]) : null));
    const pickThen = (read) => seats.map((k) => (data.then[k] ? read(data.then[k]) : null));
    const rows = { number: seats.map((k) => k + 1), name: people.map((person) => person.name), units: pickNow((row) => row.units),
      components: pickNow((row) => row.components), polsby_popper: pickNow((row) => row.polsby_popper),
      inertia: pickNow((row) => row.inertia), moved_in: pickNow((row) => row.moved_in) };
    const columns = [
      { key: "name", label: "Jurisdiction", kind: "text", cell: dotName, search: (k) => `${k + 1} ${people[k].name} ${people[k].id}` },
      { key: "units", label: "Units", kind: "whole" },
    ];
    data.loads.forEach(function (load, l) {
      rows[`load${l}`] = pickNow((row) => row.loads[l]);
      rows[`now${l}`] = pickNow((row) => row.deviation[l]);
      columns.push({ key: `load${l}`, label: load.label, kind: load.kind, unit: load.unit });
      columns.push({ key: `now${l}`, label: "Deviation", kind: "signed", unit: "%", cell: (k) => withBar(rows[`now${l}`][k], load.tolerance) });
      if (data.then.some(Boolean)) {
        rows[`then${l}`] = pickThen((row) => row.deviation[l]);
        columns.push({ key: `then${l}`, label: "Before", kind: "signed", unit: "%" });
      }
    });
    columns.push({ key: "components", label: "Parts", kind: "whole" },
      { key: "polsby_popper", label: "Polsby-Popper", kind: "index", unit: "1 = disc" },
      { key: "inertia", label: "Inertia", kind: "number", unit: "h km²" });
    if (data.driven.some(Boolean)) {
      rows.driven = data.driven.map((row) => (row ? row.hours : null));
      rows.driving = data.driven.map((row) => (row ? row.driving : null));
      rows.off_road = data.driven.map((row) => (row ? row.deviation : null));
      columns.push({ key: "driven", label: "Driven", kind: "hours", unit: "hours" }, { key: "driving", label: "of which driving", kind: "hours", unit: "hours" },
        { key: "off_road", label: "Driven, deviation", kind: "signed", unit: "%" });
    }
    data.levels.forEach(function (level, l) {
      rows[`level${l}`] = level.of.map((group) => (group === NOBODY ? "" : level.groups[group].id));
      columns.push({ key: `level${l}`, label: fw.titled(level.name), kind: "text" });
    });
    if (data.road.some(Boolean)) {
      rows.road = data.road.map((row) => (row ? row.mean : null));
      rows.far = data.road.map((row) => (row ? row.worst : null));
      columns.push({ key: "road", label: "By road, mean", kind: "number", unit: "min" }, { key: "far", label: "Farthest", kind: "number", unit: "min" });
    }
    if (hasBefore) columns.push({ key: "moved_in", label: "Moved in", kind: "percent", unit: "of workload" });

    function withBar(value, tolerance) {
      if (!fw.isNumber(value)) return fw.element("span", { text: "–" });
      return fw.element("span", { class: "with-bar" }, [fw.deviationBar(value, tolerance, Math.max(tolerance * 2, 1)),
        fw.element("span", { text: format("signed", value) })]);
    }

    const table = fw.addTable({ title: "Jurisdictions", name: `${data.market}-jurisdictions`, columns: columns, rows: rows,
      count: people.length, format: format, pick: (k) => showPerson(k, true) });

    const unitRows = { unit: data.units.ids.map((_, i) => units.nameOf(i)), id: data.units.ids,
      owner: data.after.map(nameOf), before: hasBefore ? data.before.map(nameOf) : [], changed: changed,
      locked: data.units.ids.map((_, i) => locked.has(i)) };
    const unitColumns = [{ key: "unit", label: "Unit", kind: "text" }, { key: "owner", label: "Executive", kind: "text" }];
    if (units.nameOf(0) !== data.units.ids[0]) unitColumns.splice(1, 0, { key: "id", label: "Id", kind: "text" });
    if (hasBefore) unitColumns.push({ key: "before", label: "Before", kind: "text" }, { key: "changed", label: "Changed", kind: "flag" });
    unitColumns.push({ key: "locked", label: "Locked", kind: "flag" });
    data.loads.forEach(function (load, l) {
      unitRows[`load${l}`] = load.values;
      unitColumns.push({ key: `load${l}`, label: load.label, kind: load.kind, unit: load.unit });
    });
    const unitTable = fw.addTable({ title: "Units", name: `${data.market}-alignment`, columns: unitColumns, rows: unitRows,
      count: data.units.ids.length, format: format, pick: (i) => units.choose(i, true) });

    if (data.frontier.length) {
      const asColumn = (key) => data.frontier.map((point) => point[key]);
      fw.addTable({ title: "Frontier", name: `${data.market}-frontier`, count: data.frontier.length, format: format,
        rows: { worst: asColumn("worst"), inertia: asColumn("inertia"), shape: asColumn("shape"), moved: asColumn("moved"),
          tolerance: asColumn("tolerance"), price: asColumn("price"), is_this: asColumn("is_this") },
        columns: [{ key: "worst", label: "Worst deviation", kind: "percent" }, { key: "inertia", label: "Inertia", kind: "number", unit: "h km²" },
          { key: "shape", label: "Mean Polsby-Popper", kind: "index", unit: "1 = disc" },
          ...(hasBefore ? [{ key: "moved", label: "Moved", kind: "percent", unit: "of workload" }] : []),
          { key: "tolerance", label: "Tolerance asked", kind: "percent" }, { key: "price", label: "Price of moving asked", kind: "number" },
          { key: "is_this", label: "This plan", kind: "flag" }],
        note: "Plans none of which beats another in worst deviation, inertia and workload moved at once; each was judged." });
    }

    data.levels.forEach(function (level, l) {
      const pick = (read) => level.groups.map(read);
      const levelRows = { id: pick((group) => group.id), executives: pick((group) => group.executives), components: pick((group) => group.components) };
      const levelColumns = [{ key: "id", label: fw.titled(level.name), kind: "text" }, { key: "executives", label: "Executives", kind: "whole" }];
      data.loads.forEach(function (load, k) {
        levelRows[`load${k}`] = pick((group) => group.loads[k]);
        levelRows[`off${k}`] = pick((group) => group.deviation[k]);
        levelColumns.push({ key: `load${k}`, label: load.label, kind: load.kind, unit: load.unit },
          { key: `off${k}`, label: "Deviation", kind: "signed", unit: "%", cell: (g) => withBar(levelRows[`off${k}`][g], level.tolerance) });
      });
      levelColumns.push({ key: "components", label: "Parts", kind: "whole" });
      fw.addTable({ title: fw.titled(level.name), name: `${data.market}-level-${l + 1}`, columns: levelColumns, rows: levelRows,
        count: level.groups.length, format: format, note: "Deviation is from what so many executives should have." });
    });

    if (data.keys.length) {
      const pick = (read) => data.keys.map(read);
      const keyRows = { id: pick((one) => one.id), owner: pick((one) => nameOf(one.executive)), unit: pick((one) => (one.unit < 0 ? "" : units.nameOf(one.unit))) };
      const keyColumns = [{ key: "id", label: "Account", kind: "text" }, { key: "owner", label: "Executive", kind: "text" }, { key: "unit", label: "Lies in unit", kind: "text" }];
      data.loads.forEach(function (load, k) {
        keyRows[`load${k}`] = pick((one) => one.loads[k]);
        keyColumns.push({ key: `load${k}`, label: load.label, kind: load.kind, unit: load.unit });
      });
      fw.addTable({ title: "Key accounts", name: `${data.market}-key-accounts`, columns: keyColumns, rows: keyRows, count: data.keys.length, format: format,
        note: "They stay with their executive whatever area they lie in; units are counted without them, executives with them." });
    }

    if (data.counts.length) {
      const asColumn = (key) => data.counts.map((row) => row[key]);
      fw.addTable({ title: "Numbers of executives tried", name: `${data.market}-counts`, count: data.counts.length, format: format,
        rows: { executives: asColumn("executives"), worst: asColumn("worst"), beyond: asColumn("beyond"), inertia: asColumn("inertia"), shape: asColumn("shape"),
          moved: asColumn("moved"), full: asColumn("full"), is_driven: asColumn("is_driven"), is_chosen: asColumn("is_chosen") },
        columns: [{ key: "executives", label: "Executives", kind: "whole" }, { key: "worst", label: "Worst deviation", kind: "percent" },
          { key: "beyond", label: "Beyond tolerance", kind: "percent" }, { key: "inertia", label: "Inertia", kind: "number", unit: "h km²" },
          { key: "shape", label: "Mean Polsby-Popper", kind: "index", unit: "1 = disc" },
          ...(hasBefore ? [{ key: "moved", label: "Moved", kind: "percent", unit: "of workload" }] : []),
          { key: "full", label: "Fullest year", kind: "percent", unit: "of hours" },
          ...(data.counts.some((row) => row.is_driven) ? [{ key: "is_driven", label: "By driven hours", kind: "flag" }] : []),
          { key: "is_chosen", label: "Chosen", kind: "flag" }] });
    }

    fw.addSearch("Find an executive or a unit", people.map((person, k) => ({ label: person.name, more: person.id, go: () => showPerson(k, true) })).concat(units.finds()));
    app.switches.push(
      { label: "Numbers of jurisdictions", isOn: true, set: (on) => { labels.isVisible = on; } },
      { label: "Names of executives", isOn: names.isVisible, set: (on) => { names.isVisible = on; } },
      { label: "Borders of jurisdictions", isOn: true, set: (on) => { borders.isVisible = on; } },
      { label: "Unit borders", isOn: true, set: (on) => { units.drawing.bordered = on; } });
    data.levels.forEach((level, l) => app.switches.push(
      { label: `Borders of ${level.name}`, isOn: true, set: (on) => { heads[l].isVisible = on; } }));
    if (proved.size) app.switches.push({ label: "Units of the diagnosis (dots)", isOn: true, set: (on) => { marksProved = on; showLegend(); } });
    if (locked.size) app.switches.push({ label: "Locked units (dots)", isOn: false, set: (on) => { marksLocked = on; } });
    showBalance();
  };
})(Fieldwright);
