/* Routes by executive and day: lines, numbered stops, timelines, stop lists and what was left out. */
(function (fw) {
  const SHAPES = { visit: "circle", task: "square", appointment: "diamond" };
  const KINDS = { visit: "Visit", task: "Task", appointment: "Appointment" };
  const ALL = "all";

  /* Black or white, whichever reads better on a colour. */
  function inkOn(colour) {
    const part = (from) => parseInt(colour.slice(from, from + 2), 16) / 255;
    return 0.2126 * part(1) ** 2.2 + 0.7152 * part(3) ** 2.2 + 0.0722 * part(5) ** 2.2 > 0.18 ? "#111" : "#fff";
  }

  fw.pages.visits = function (app) {
    const { data, format } = app;
    const stops = data.stops;
    const count = stops.route.length;
    const routes = data.routes;
    const days = [...new Set(routes.map((route) => route.date))].sort();
    let who = ALL;
    let day = days.length > 1 ? days[0] : ALL;
    let chosen = -1;
    const stopsOf = routes.map(() => []);
    stops.route.forEach((route, i) => stopsOf[route].push(i));
    routes.forEach(function (route) {
      route.points = fw.decode(route.places);
      route.lines = route.legs.length ? fw.decodeLines(route.legs) : [route.points];
    });
    const nameOf = (k) => data.executives[k].name;
    const colourOf = function (route) {
      const key = who !== ALL && day === ALL ? days.indexOf(route.date) : route.executive;
      return data.palette[key % data.palette.length];
    };
    const isShown = (route) => (who === ALL || route.executive === Number(who)) && (day === ALL || route.date === day);
    const shown = () => routes.filter(isShown);

    app.addRoads();
    app.painter.add(fw.drawLines(function () {
      const list = [];
      for (const route of shown()) {
        for (const points of route.lines) {
          list.push({ points: points, colour: colourOf(route), width: 3, dash: route.legs.length ? null : [2, 7] });
        }
      }
      return list;
    }));
    const place = (i) => ({ x: routes[stops.route[i]].points.x[stops.number[i]], y: routes[stops.route[i]].points.y[stops.number[i]] });
    const marks = app.painter.add(fw.drawMarks(function () {
      const list = [];
      const few = shown().reduce((sum, route) => sum + stopsOf[routes.indexOf(route)].length, 0) <= 160;
      routes.forEach(function (route, r) {
        if (!isShown(route)) return;
        const colour = colourOf(route);
        list.push({ x: route.points.x[0], y: route.points.y[0], shape: "house", size: 10, fill: fw.token("--map-ink"), line: colour, index: -1 });
        for (const i of stopsOf[r]) {
          list.push(Object.assign({ shape: SHAPES[stops.kind[i]], size: few ? 11 : 4.5, fill: colour, line: inkOn(colour) === "#fff" ? colour : "#333",
            ink: inkOn(colour), text: few ? String(stops.number[i]) : "", index: i }, place(i)));
        }
      });
      return list;
    }));
    marks.pick = (i) => showStop(i, false);

    fw.addChoice(app.controls, {
      label: "Executive", most: 0, stepper: true, value: who,
      options: [{ value: ALL, label: "Everyone" }, ...data.executives.map((person, k) => ({ value: String(k), label: person.name }))],
      onChange: (value) => { who = value; select(true); },
    });
    fw.addChoice(app.controls, {
      label: "Day", most: 0, stepper: true, value: day,
      options: [{ value: ALL, label: "All days" }, ...days.map((text) => ({ value: text, label: format.day(text) }))],
      onChange: (value) => { day = value; select(who !== ALL); },
    });

    const showLegend = fw.makeLegend(function () {
      const items = [];
      if (who !== ALL && day === ALL) {
        days.forEach((text, k) => items.push({ stroke: data.palette[k % data.palette.length], label: format.day(text) }));
      } else {
        const present = [...new Set(shown().map((route) => route.executive))];
        present.slice(0, 14).forEach((k) => items.push({ stroke: data.palette[k % data.palette.length], label: nameOf(k) }));
        if (present.length > 14) items.push({ stroke: fw.token("--ink-soft"), label: `and ${present.length - 14} more` });
      }
      const ink = fw.token("--ink-soft");
      items.push({ shape: "circle", fill: ink, label: "Visit, numbered in order" }, { shape: "square", fill: ink, label: "Task" },
        { shape: "diamond", fill: ink, label: "Pinned appointment" }, { shape: "house", fill: fw.token("--map-ink"), label: "Start of the day" });
      return {
        title: "Routes",
        items: items,
        method: data.straight
          ? `${data.straight} of ${routes.length} routes are drawn as straight dashes: their road is not on this page. Times are the plan's own.`
          : "Lines follow the roads of the plan.",
      };
    });

    /* The parts of a route in time: drives, waits, lunch, visits. */
    function partsOf(route, r) {
      const parts = [];
      let clock = route.leave;
      for (const i of stopsOf[r]) {
        parts.push({ kind: "drive", from: clock, to: stops.arrive[i] });
        if (stops.start[i] > stops.arrive[i]) parts.push({ kind: "wait", from: stops.arrive[i], to: stops.start[i] });
        parts.push({ kind: "visit", from: stops.start[i], to: stops.end[i] });
        clock = stops.end[i];
      }
      if (route.back > clock) parts.push({ kind: "drive", from: clock, to: route.back });
      for (const pause of route.breaks) parts.push({ kind: "lunch", from: pause[0], to: pause[1] });
      return parts;
    }

    /* Weeks of the executive and day chosen: a section for each executive and week. */
    const weeks = fw.element("details", { class: "table-twin weeks" }, [fw.element("summary", { text: "Week view" })]);
    const weekList = fw.element("div", {});
    weeks.append(weekList, keys());
    weeks.addEventListener("toggle", showWeeks);
    fw.place("tables").append(weeks);
    const mondays = [...new Set(days.map(fw.mondayOf))];

    function weekParts(route) {
      const words = { drive: "on the way", wait: "waiting", lunch: "lunch" };
      const mine = stopsOf[routes.indexOf(route)].values();
      return partsOf(route, routes.indexOf(route)).map(function (part) {
        if (part.kind !== "visit") return Object.assign({ word: words[part.kind] }, part);
        const i = mine.next().value;
        return Object.assign({ name: stops.name[i], pick: () => showStop(i, true) }, part);
      });
    }

    function showWeeks() {
      if (!weeks.open) return;
      fw.clear(weekList);
      for (let k = 0; k < data.executives.length; k += 1) {
        if (who !== ALL && k !== Number(who)) continue;
        for (const monday of mondays) {
          if (day !== ALL && fw.mondayOf(day) !== monday) continue;
          const list = routes.filter((route) => route.executive === k && fw.mondayOf(route.date) === monday);
          if (!list.length) continue;
          const dates = days.filter((text) => fw.mondayOf(text) === monday);
          const made = list.reduce((sum, route) => sum + stopsOf[routes.indexOf(route)].length, 0);
          weekList.append(fw.weekOf(nameOf(k), `Week of ${format.day(monday)}: ${made} stops in ${list.length} routes`,
            dates.map((text) => ({ date: text, parts: list.filter((route) => route.date === text).flatMap(weekParts) })), format));
        }
      }
    }

    function keys() {
      const words = { visit: "visit", drive: "on the way", lunch: "lunch", wait: "waiting" };
      return fw.element("p", { class: "keys" }, Object.entries(words).map(([kind, text]) =>
        fw.element("span", {}, [fw.element("span", { class: `key ${kind}` }), fw.element("span", { text: text })])));
    }

    function timelineOf(list, pick) {
      const rows = list.map(function (route) {
        const r = routes.indexOf(route);
        const parts = partsOf(route, r);
        const label = who !== ALL ? format.day(route.date) : nameOf(route.executive);
        const span = parts.slice().sort((a, b) => a.to - b.to);
        return { label: label, more: `${stopsOf[r].length} stops, ${format.day(route.date)}`, parts: span.length ? parts.filter((part) => part.kind !== "lunch").concat(parts.filter((part) => part.kind === "lunch")) : parts,
          pick: pick ? () => pick(route) : null };
      });
      return fw.element("div", {}, [fw.timeline(rows, "Timeline of the routes shown, hours of the day"), keys()]);
    }

    function summary(list) {
      const sum = (read) => list.reduce((total, route) => total + read(route), 0);
      const many = list.reduce((total, route) => total + stopsOf[routes.indexOf(route)].length, 0);
      return fw.facts([
        ["Routes", list.length === 1 ? "" : format("whole", list.length)],
        ["Stops", format("whole", many)],
        ["Leave and return", list.length === 1 ? `${format("clock", list[0].leave)} to ${format("clock", list[0].back)}` : ""],
        ["Time in visits", format("hours", sum((route) => route.visit_seconds) / 3600)],
        ["Time on the way", format("hours", sum((route) => route.travel_seconds) / 3600)],
        ["Distance", format("meters", sum((route) => route.travel_meters))],
      ]);
    }

    function stopList(route) {
      const r = routes.indexOf(route);
      const lines = [];
      const plain = (text) => fw.element("li", { class: "plain", text: text });
      lines.push(plain(`${format("clock", route.leave)} leave`));
      for (const i of stopsOf[r]) {
        for (const pause of route.breaks) {
          const before = i === stopsOf[r][0] ? route.leave : stops.end[i - 1];
          if (pause[0] >= before && pause[0] < stops.start[i]) lines.push(plain(`${format("clock", pause[0])} – ${format("clock", pause[1])} lunch${pause[2] ? " at home" : ""}`));
        }
        lines.push(fw.element("li", {}, [fw.element("button", { type: "button", on: { click: () => showStop(i, true) } }, [
          fw.element("span", { class: "number", text: String(stops.number[i]) }),
          fw.textual(stops.name[i], { class: "who" }),
          fw.element("span", { class: "when", text: `${format("clock", stops.start[i])} – ${format("clock", stops.end[i])}` }),
          fw.textual([KINDS[stops.kind[i]], stops.tier[i] && `tier ${stops.tier[i]}`, `${format("seconds", stops.travel_seconds[i])}, ${format("meters", stops.travel_meters[i])}`, fw.clip(stops.reason[i], 160)].filter(Boolean).join(" · "), { class: "what" }),
        ])]));
      }
      lines.push(plain(`${format("clock", route.back)} back, ${format("seconds", route.home_seconds)} on the way`));
      return fw.element("ol", { class: "stops" }, lines);
    }

    function showSelection() {
      const list = shown();
      const title = [who === ALL ? "Everyone" : nameOf(Number(who)), day === ALL ? "all days" : format.day(day)].join(", ");
      if (!list.length) return fw.showDetails({ title: title, under: "No route on this day." });
      const blocks = [summary(list)];
      if (list.length <= 60 && (who !== ALL || day !== ALL)) {
        blocks.push(timelineOf(list, list.length === 1 ? null : (route) => { who = String(route.executive); day = route.date; select(true, true); }));
      }
      if (list.length === 1) blocks.push(stopList(list[0]));
      fw.showDetails({ title: title, blocks: blocks });
    }

    function showStop(i, move) {
      chosen = i;
      marks.chosen = i;
      const route = routes[stops.route[i]];
      if (move) {
        if (!isShown(route)) { who = String(route.executive); day = route.date; syncChoices(); table.show((k) => isShown(routes[stops.route[k]])); showLegend(); }
        app.goTo(fw.latLng(route.points, stops.number[i]), 14);
      }
      app.painter.redraw();
      const [contacts, address, phone, hours, notes, facts] = data.cards[stops.account_id[i]] || [[], "", "", "", "", []];
      fw.showDetails({
        title: stops.name[i],
        tag: stops.tier[i] ? `Tier ${stops.tier[i]}` : "",
        under: `${KINDS[stops.kind[i]]}, stop ${stops.number[i]} of ${stopsOf[stops.route[i]].length}, ${nameOf(route.executive)}, ${format.day(route.date)}`,
        blocks: [
          fw.facts([
            ["Visit", `${format("clock", stops.start[i])} – ${format("clock", stops.end[i])}`],
            ["Arrives", format("clock", stops.arrive[i])],
            ["On the way", `${format("seconds", stops.travel_seconds[i])}, ${format("meters", stops.travel_meters[i])}`],
            ["Why now", stops.reason[i]],
            ["Account", stops.account_id[i]],
            ["Opening hours", hours],
            ["Address", address],
            ["Phone", phone],
            ...contacts.map(([role, name, number]) => [role, [name, number].filter(Boolean).join(", ")]),
            ...facts,
            ["Notes", notes],
          ]),
          fw.element("button", { type: "button", class: "button", text: "Back to the route", on: { click: function () {
            marks.chosen = -1;
            app.painter.redraw();
            showSelection();
          } } }),
        ],
      });
      table.choose(i);
    }

    const selects = app.controls.querySelectorAll("select");
    function syncChoices() {
      selects[0].value = who;
      selects[1].value = day;
    }

    function select(move, sync) {
      if (sync) syncChoices();
      marks.chosen = -1;
      table.show((i) => isShown(routes[stops.route[i]]));
      showLegend();
      showSelection();
      showWeeks();
      const list = shown();
      if (move && list.length) {
        const box = L.latLngBounds([]);
        for (const route of list) for (let k = 0; k < route.points.count; k += 1) box.extend(fw.latLng(route.points, k));
        app.map.fitBounds(box, { padding: [40, 40], animate: false, maxZoom: 16 });
      }
      app.painter.paint();
    }

    const rows = Object.assign({}, stops, {
      executive: stops.route.map((r) => nameOf(routes[r].executive)),
      date: stops.route.map((r) => routes[r].date),
      minutes: stops.travel_seconds.map((seconds) => Math.round(seconds / 6) / 10),
      kilometers: stops.travel_meters.map((meters) => Math.round(meters / 100) / 10),
      start_clock: stops.start.map((seconds) => format("clock", seconds)),
      end_clock: stops.end.map((seconds) => format("clock", seconds)),
      kind_word: stops.kind.map((kind) => KINDS[kind]),
    });
    const table = fw.addTable({
      title: "Stops", name: `${data.market}-stops`, rows: rows, count: count, format: format,
      note: "The table follows the executive and day chosen above.",
      pick: (i) => showStop(i, true),
      columns: [
        { key: "name", label: "Account", kind: "text", search: (i) => `${stops.name[i]} ${stops.account_id[i]}` },
        { key: "tier", label: "Tier", kind: "text" },
        { key: "executive", label: "Executive", kind: "text" },
        { key: "date", label: "Date", kind: "date" },
        { key: "number", label: "No.", kind: "whole" },
        { key: "start_clock", label: "Start", kind: "date" },
        { key: "end_clock", label: "End", kind: "date" },
        { key: "kind_word", label: "Kind", kind: "text" },
        { key: "minutes", label: "On the way", kind: "number", unit: "minutes" },
        { key: "kilometers", label: "Distance", kind: "number", unit: "km" },
        { key: "reason", label: "Why", kind: "long" },
      ],
    });
    fw.addTable({
      title: "Unserved", name: `${data.market}-unserved`, rows: data.unserved, count: data.unserved.name.length, format: format,
      note: "Visits that did not fit, why, and what would make them fit.",
      columns: [
        { key: "name", label: "Account", kind: "text", search: (i) => `${data.unserved.name[i]} ${data.unserved.account_id[i]}` },
        { key: "visit_id", label: "Visit", kind: "text" },
        { key: "executive", label: "Executive", kind: "text" },
        { key: "reason", label: "Reason", kind: "text" },
        { key: "detail", label: "Detail", kind: "long" },
        { key: "fits_if", label: "Would fit", kind: "long" },
        { key: "value", label: "Value", kind: "money", unit: data.currency },
      ],
    });
    if (data.costs.part.length) {
      fw.addTable({
        title: "Cost", name: `${data.market}-cost`, rows: data.costs, count: data.costs.part.length, format: format,
        note: "What the plan was weighed by; overtime may have a price of its own for each executive.",
        columns: [
          { key: "part", label: "Part", kind: "text" },
          { key: "quantity", label: "Quantity", kind: "number" },
          { key: "unit", label: "Counted in", kind: "text" },
          { key: "price", label: "Price of one", kind: "money", unit: data.currency },
          { key: "amount", label: "Amount", kind: "money", unit: data.currency },
        ],
      });
    }
    fw.addSearch("Find an account or an executive",
      data.executives.map((person, k) => ({ label: person.name, more: "executive", go: () => { who = String(k); select(true, true); } }))
        .concat(stops.name.map((name, i) => ({ label: name, more: `${rows.date[i]} ${rows.start_clock[i]}`, go: () => showStop(i, true) }))));
    select(true, true);
  };
})(Fieldwright);
