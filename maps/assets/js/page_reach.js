/* Rings of reach about a start: the quickest strongest, outlets on top, and what each ring holds. */
(function (fw) {
  const LOOKS = fw.siteLooks;
  const WORDS = { kept: "Own outlet", competitor: "Competitor", candidate: "Candidate" };

  fw.pages.reach = function (app) {
    const { data, format } = app;
    const areas = fw.makeAreas(data.shapes);
    const starts = fw.decode(data.start_points);
    const points = fw.decode(data.site_points);
    const sites = data.sites;
    const shades = () => (fw.isDark() ? data.classes.dark : data.classes.light);
    const words = (i) => `within ${data.minutes[i]} minutes`;
    const size = (i) => `${format("number", data.rows.square_kilometers[i])} km²`;

    const rings = app.painter.add(fw.drawAreas(areas, { classOf: (i) => i, fill: (i) => shades()[i] }));
    rings.bordered = true;
    app.addRoads();
    const marks = app.painter.add(fw.drawMarks(function () {
      const list = [];
      for (let i = 0; i < points.count; i += 1) {
        const look = LOOKS[sites.kind[i]];
        list.push({ x: points.x[i], y: points.y[i], shape: look.shape, size: look.size, fill: fw.token(look.token), line: fw.token("--site-rim"), index: i });
      }
      return list;
    }));
    app.painter.add(fw.drawMarks(function () {
      const list = [];
      for (let i = 0; i < starts.count; i += 1) {
        list.push({ x: starts.x[i], y: starts.y[i], shape: "star", size: 14, fill: fw.token("--site-new"), line: fw.token("--site-rim"), index: -1 });
      }
      return list;
    }));
    marks.pick = (i) => showSite(i, false);
    rings.hover = (i) => { rings.hovered = i; };
    rings.pick = (i) => showRing(i);

    fw.makeLegend(function () {
      const kinds = ["kept", "competitor", "candidate"].filter((kind) => sites.kind.includes(kind));
      return {
        title: "Within reach",
        unit: data.how,
        items: data.minutes.map((minutes, i) => ({ fill: shades()[i], label: i ? `${data.minutes[i - 1]} to ${minutes} minutes` : `up to ${minutes} minutes` }))
          .concat([{ shape: "star", fill: fw.token("--site-new"), label: starts.count === 1 ? "Start" : "Starts; the nearest counts", count: starts.count > 1 ? format("whole", starts.count) : undefined }])
          .concat(kinds.map((kind) => ({ shape: LOOKS[kind].shape, fill: fw.token(LOOKS[kind].token), label: WORDS[kind], count: format("whole", sites.kind.filter((item) => item === kind).length) }))),
        method: data.method,
      };
    });

    function showStart() {
      rings.chosen = marks.chosen = -1;
      fw.showDetails({
        title: data.starts.length === 1 ? data.starts[0] : `${format("whole", data.starts.length)} starts`,
        under: data.how,
        blocks: [fw.facts(data.minutes.map((minutes, i) => [`Within ${minutes} minutes`, size(i)]))],
      });
    }

    const back = () => fw.element("button", { type: "button", class: "button", text: "Back to the start", on: { click: function () {
      showStart();
      app.painter.redraw();
    } } });

    function showRing(i) {
      rings.chosen = i;
      marks.chosen = -1;
      app.painter.redraw();
      fw.showDetails({
        title: `Reached ${words(i)}`,
        blocks: [fw.facts([
          ["Area", size(i)],
          ["Own outlets in it", format("whole", data.rows.own[i])],
          ["Other outlets in it", format("whole", data.rows.others[i])],
        ]), back()],
      });
      table.choose(i);
    }

    function showSite(i, move) {
      marks.chosen = i;
      rings.chosen = -1;
      if (move) app.goTo(fw.latLng(points, i), 0);
      app.painter.redraw();
      const within = sites.within[i];
      fw.showDetails({ title: sites.name[i], tag: WORDS[sites.kind[i]], under: within === null ? "beyond the rings" : `within ${within} minutes`,
        blocks: [fw.facts([["Outlet", sites.site_id[i]]]), back()] });
    }

    const table = fw.addTable({
      title: "Areas within reach", name: `${data.market}-reach`, rows: data.rows, count: data.minutes.length, format: format, pick: showRing,
      columns: [{ key: "minutes", label: "Within", kind: "whole", unit: "minutes" }, { key: "square_kilometers", label: "Area", kind: "number", unit: "km²" },
        { key: "own", label: "Own outlets", kind: "whole" }, { key: "others", label: "Other outlets", kind: "whole" }],
    });
    if (sites.name.length) {
      fw.addTable({
        title: "Outlets", name: `${data.market}-reach-outlets`, count: sites.name.length, format: format, pick: (i) => showSite(i, true),
        rows: { name: sites.name, site_id: sites.site_id, kind: sites.kind.map((kind) => WORDS[kind]), within: sites.within },
        columns: [{ key: "name", label: "Outlet", kind: "text" }, { key: "site_id", label: "Id", kind: "text" }, { key: "kind", label: "Kind", kind: "text" },
          { key: "within", label: "Within", kind: "whole", unit: "minutes" }],
      });
    }
    fw.addSearch("Find an outlet", sites.name.map((name, i) => ({ label: name, more: sites.site_id[i], go: () => showSite(i, true) })));
    app.switches.push({ label: "Outlets", isOn: true, set: (on) => { marks.isVisible = on; } },
      { label: "Rings", isOn: true, set: (on) => { rings.isVisible = on; } });
    showStart();
  };
})(Fieldwright);
