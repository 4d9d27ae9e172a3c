/* The start of every map page: the ground, the view, the scale bar, then the page's own part. */
(function (fw) {
  fw.start = function (map, pageName) {
    const data = fw.read("fieldwright-data");
    fw.unpack(data.rows);
    fw.unpack(data.stops);
    if (data.units) readUnits(data);
    const app = {
      map: map,
      data: data,
      format: fw.makeFormat(data.lang, data.currency),
      painter: fw.makePainter(map),
      controls: fw.place("controls"),
    };
    const ground = app.painter.add(fw.drawGround(data.base));
    const roads = fw.drawRoads(data.base);
    const [west, south, east, north] = data.bounds;
    app.home = L.latLngBounds([south, west], [north, east]);
    map.setMinZoom(0);
    map.fitBounds(app.home, { padding: [16, 16], animate: false });
    map.setMinZoom(Math.max(0, map.getZoom() - 3));
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", "Map: move with the arrow keys, zoom with + and -. The table below holds the same.");
    L.control.scale({ imperial: false }).addTo(map);
    addHome(app);
    addCredits(app);

    app.switches = [];
    app.addRoads = () => app.painter.add(roads);
    app.goTo = (latLng, zoom) => map.setView(latLng, Math.max(map.getZoom(), zoom || 0), { animate: false });
    fw.pages[pageName](app);
    const hasRoads = Object.keys(data.base.roads).length > 0;
    const hasGround = data.base.water.length + data.base.boundaries.length > 0;
    const own = [
      hasRoads && { label: "Roads", isOn: true, set: (on) => { roads.isVisible = on; } },
      hasGround && { label: "Water and boundaries", isOn: true, set: (on) => { ground.isVisible = on; } },
    ].filter(Boolean);
    fw.addSwitches(fw.place("layers"), app.painter, app.switches.concat(own));
    app.painter.isHeld = false;
    app.painter.paint();
    fitToPaper(app);
    fw.app = app;
    document.documentElement.setAttribute("data-ready", "");
  };

  /* Paper has another shape than the window: the same part of the map is fitted to it. */
  function fitToPaper(app) {
    let before = null;
    window.addEventListener("beforeprint", function () {
      before = app.map.getBounds();
      app.map.invalidateSize({ animate: false, pan: false });
      app.map.fitBounds(before, { animate: false });
      app.painter.paint();
    });
    window.addEventListener("afterprint", function () {
      app.map.invalidateSize({ animate: false, pan: false });
      if (before) app.map.fitBounds(before, { animate: false });
    });
  }

  /* Ids whole again; a unit without a name of its own goes by its id. */
  function readUnits(data) {
    const units = data.units;
    units.ids = units.ids.map((middle) => units.ids_first + middle + units.ids_last);
    units.names = units.ids.map((id, i) => units.names[i] || id);
    if (data.rows) data.rows.unit = units.names;
  }

  function addHome(app) {
    const Home = L.Control.extend({
      options: { position: "topleft" },
      onAdd: function () {
        const button = fw.element("button", { type: "button", class: "map-home", title: "Show all", "aria-label": "Show all",
          on: { click: () => app.map.fitBounds(app.home, { padding: [16, 16], animate: false }) } }, [
          fw.svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, [
            fw.svg("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", fill: "none", stroke: "currentColor", "stroke-width": 1.8 })]),
        ]);
        L.DomEvent.disableClickPropagation(button);
        return button;
      },
    });
    new Home().addTo(app.map);
  }

  function addCredits(app) {
    if (!app.data.credits.length) return;
    const Credits = L.Control.extend({
      options: { position: "bottomright" },
      onAdd: () => fw.element("div", { class: "map-credits", dir: "auto", text: fw.clip(app.data.credits.join(" · "), 200) }),
    });
    new Credits().addTo(app.map);
  }

  /* What pages with units share: areas, their drawing, search and choosing. */
  fw.addUnits = function (app, style) {
    const areas = fw.makeAreas(app.data.units);
    const drawing = app.painter.add(fw.drawAreas(areas, style));
    const units = app.data.units;
    const nameOf = (i) => units.names[i];
    const choose = function (i, move) {
      drawing.chosen = i;
      if (move && i >= 0) app.goTo(fw.latLng(areas.inner, i), 0);
      app.painter.redraw();
      if (style.chosen) style.chosen(i);
    };
    drawing.hover = (i) => { drawing.hovered = i; };
    drawing.pick = (i) => choose(i, false);
    return {
      areas: areas,
      drawing: drawing,
      nameOf: nameOf,
      choose: choose,
      finds: () => units.ids.map((id, i) => ({ label: nameOf(i), more: nameOf(i) === id ? "" : id, go: () => choose(i, true) })),
    };
  };
})(Fieldwright);
