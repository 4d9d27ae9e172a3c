/* Where the network falls short: findings by cell, white space clusters, coverage, overlaps. */
(function (fw) {
  fw.pages.gaps = function (app) {
    const { data, format } = app;
    const looks = fw.siteLooks;
    const points = fw.decode(data.site_points);
    const white = new Set(data.white);
    const findings = { key: "findings", label: "Findings" };
    let view = findings;
    let candidates = false;
    const isFindings = () => view === findings;

    const units = fw.addUnits(app, {
      opacity: 0.75,
      classOf: (i) => (isFindings() ? data.finding_kinds[i] : fw.classOf(view.classes.upper, data.rows[view.key][i])),
      fill: (kind) => (isFindings() ? (kind === 0 ? fw.token("--map-calm") : data.finding_colours[kind]) : (fw.isDark() ? view.classes.dark : view.classes.light)[kind]),
      hatchOf: (i) => (isFindings() && white.has(i) ? "lines" : ""),
      chosen: showCell,
    });
    app.addRoads();
    const marks = app.painter.add(fw.drawMarks(function () {
      const list = [];
      for (let i = 0; i < points.count; i += 1) {
        const kind = data.sites.kind[i];
        if (kind === "candidate" && !candidates) continue;
        const look = looks[kind];
        list.push({ x: points.x[i], y: points.y[i], shape: look.shape, size: look.size, fill: fw.token(look.token), line: fw.token("--site-rim"), index: i });
      }
      return list;
    }));
    marks.pick = (i) => showSite(i, false);
    const inner = units.areas.inner;
    // From afar only the ten richest clusters are numbered; nearer by, all of them.
    const start = app.map.getZoom();
    const labels = app.painter.add(fw.drawLabels(function () {
      if (!isFindings() && view.key !== "white_space") return [];
      const most = app.map.getZoom() > start + 0.9 ? Infinity : 10;
      return data.clusters.at.slice(0, most).map((unit, k) =>
        ({ x: inner.x[unit], y: inner.y[unit], text: String(data.clusters.cluster[k]), lower: -13 }));
    }));

    fw.addChoice(app.controls, {
      label: "Show", value: view.key,
      options: [findings, ...data.measures].map((item) => ({ value: item.key, label: item.label })),
      onChange: function (key) {
        view = data.measures.find((item) => item.key === key) || findings;
        showLegend();
        app.painter.redraw();
      },
    });
    const siteItems = () => ["kept", "competitor", "candidate"].filter((kind) => data.sites.kind.includes(kind)).map((kind) => ({
      shape: looks[kind].shape, fill: fw.token(looks[kind].token), label: { kept: "Own outlet", competitor: "Competitor", candidate: "Candidate (see Layers)" }[kind],
      count: data.sites.kind.filter((item) => item === kind).length }));
    const showLegend = fw.makeLegend(function () {
      const reach = data.reach;
      if (!isFindings()) {
        return { title: view.label, unit: [view.text, view.unit].filter(Boolean).join(", "),
          items: fw.classItems(view.classes, data.rows[view.key], view.kind, format).concat(siteItems()), method: `Classes: ${view.classes.method}.` };
      }
      const counted = (kind) => format("whole", data.finding_kinds.filter((item) => item === kind).length);
      return {
        title: "Findings",
        items: [
          { fill: data.finding_colours[2], label: "Coverage gap: no own outlet in reach", count: counted(2) },
          { fill: data.finding_colours[1], label: "Under-served: reached, but late", count: counted(1) },
          { fill: fw.token("--map-calm"), label: "Covered", count: counted(0) },
          { hatch: "lines", fill: "none", label: "White space; the number is its cluster", count: format("whole", white.size) },
          ...siteItems(),
        ],
        method: `Travel steps of ${reach.join(", ")} minutes. White space is potential left after own coverage and competitors.`,
      };
    });

    function showOverview() {
      const coverage = data.coverage;
      fw.showDetails({
        title: "Coverage of potential",
        under: "Share of the market's potential within so many minutes.",
        blocks: [
          fw.curve({ steps: coverage.minutes, marked: -1, under: "minutes", label: "Share of potential within minutes of own outlets and of competitors",
            show: (value) => format("percent", value),
            series: [{ kind: "captured", values: coverage.own_percent }, { kind: "second", values: coverage.competitor_percent }] }),
          fw.element("p", { class: "method", text: "Full line: own outlets. Dashed: competitors." }),
        ],
      });
    }

    const back = () => fw.element("button", { type: "button", class: "button", text: "Back to coverage", on: { click: function () {
      units.drawing.chosen = marks.chosen = -1;
      app.painter.redraw();
      showOverview();
    } } });

    function showCell(i) {
      if (i < 0) return;
      marks.chosen = -1;
      fw.showDetails({
        title: units.nameOf(i),
        tag: data.rows.cluster[i] ? `Cluster ${data.rows.cluster[i]}` : "",
        under: data.rows.finding[i],
        blocks: [fw.facts([
          ["Cell", data.units.ids[i]],
          ...data.measures.map((measure) => [measure.label, `${format(measure.kind, data.rows[measure.key][i])} ${measure.kind === "money" ? measure.unit : ""}`]),
        ]), back()],
      });
      cells.choose(i);
    }

    function showSite(i, move) {
      marks.chosen = i;
      units.drawing.chosen = -1;
      if (move) app.goTo(fw.latLng(points, i), 0);
      app.painter.redraw();
      const id = data.sites.site_id[i];
      const rows = data.outlets.rows;
      const k = (rows.site_id || []).indexOf(id);
      const facts = [["Site", id]];
      if (k >= 0) {
        for (const column of data.outlets.columns) {
          if (column.kind === "money") facts.push([column.label, `${format("money", rows[column.key][k])} ${column.unit}`]);
          else if (column.kind === "ratio") facts.push([column.label, format("ratio", rows[column.key][k])]);
        }
      }
      fw.showDetails({ title: data.sites.name[i], tag: { kept: "Own outlet", competitor: "Competitor", candidate: "Candidate" }[data.sites.kind[i]], blocks: [fw.facts(facts), back()] });
    }

    /* A finding stands for a cell or for an outlet: show the one on the map that it names. */
    function showFinding(k) {
      const id = data.findings.rows.subject[k];
      const unit = data.units.ids.indexOf(id);
      if (unit >= 0) return units.choose(unit, true);
      const site = data.sites.site_id.indexOf(id);
      if (site >= 0) showSite(site, true);
    }
    if (data.findings.count) fw.addTable({
      title: "Findings, most money first, then outlets that do their work twice", name: `${data.market}-findings`, rows: data.findings.rows, count: data.findings.count,
      columns: data.findings.columns, format: format, pick: showFinding,
      note: "Each place once. Choose a row to see it on the map.",
    });
    const clusters = data.clusters;
    fw.addTable({
      title: "Clusters of white space", name: `${data.market}-white-space`, rows: clusters, count: clusters.cluster.length, format: format,
      note: `Neighbouring cells of white space, the richest first.`, pick: (k) => units.choose(clusters.at[k], true),
      columns: [{ key: "cluster", label: "Cluster", kind: "whole" }, { key: "cells", label: "Cells", kind: "whole" },
        { key: "white_space", label: "White space", kind: "money", unit: data.currency }, { key: "potential", label: "Potential", kind: "money", unit: data.currency }],
    });
    const small = (title, name, part, note) => {
      if (part.count) fw.addTable({ title: title, name: `${data.market}-${name}`, rows: part.rows, count: part.count, columns: part.columns, format: format, note: note });
    };
    small("Districts beside their twins", "districts", data.areas, "Outlets per million of potential against the five districts most alike.");
    small("Own outlets", "outlets", data.outlets, "What each captures and what would be lost if it closed.");
    small("Overlaps of own outlets", "overlaps", data.overlap, "Potential that both of two own outlets reach.");
    const cells = fw.addTable({ title: "Cells", name: `${data.market}-gaps`, columns: data.columns, rows: data.rows,
      count: data.units.ids.length, format: format, pick: (i) => units.choose(i, true) });
    fw.addSearch("Find an outlet or a cell", data.sites.name.map((name, i) => ({ label: name, more: data.sites.site_id[i], go: () => showSite(i, true) })).concat(units.finds()));
    app.switches.push(
      { label: "Outlets", isOn: true, set: (on) => { marks.isVisible = on; } },
      { label: "Cluster numbers", isOn: true, set: (on) => { labels.isVisible = on; } },
      { label: "Cell borders", isOn: true, set: (on) => { units.drawing.bordered = on; } });
    if (data.sites.kind.includes("candidate")) app.switches.push({ label: "Candidates", isOn: false, set: (on) => { candidates = on; } });
    showOverview();
  };
})(Fieldwright);
