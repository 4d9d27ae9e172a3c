/* Sites over the cells they capture: before, after, change; lines to what a site serves; the frontier. */
(function (fw) {
  const LOOKS = fw.siteLooks;

  fw.pages.outlets = function (app) {
    const { data, format } = app;
    const sites = data.sites;
    const points = fw.decode(data.site_points);
    let view = data.views[0];
    let chosen = -1;
    const hidden = new Set(sites.kind.filter((kind) => kind === "candidate").length > 60 ? ["candidate"] : []);
    const values = () => data.rows[view.key];
    const answers = data.answers;

    /* Where a site's money comes from: own outlets, competitors, nobody; most first. */
    function sourcesOf(i) {
      const flows = answers.transfers;
      return flows.to.flatMap((to, k) => (to === i ? [{ from: flows.from[k], source: flows.source[k], amount: flows.amount[k] }] : []));
    }
    const sourceName = (row) => (row.source === "unmet" ? "Nobody before" : row.from < 0 ? row.source : sites.name[row.from]);

    const units = fw.addUnits(app, {
      classOf: (i) => fw.classOf(view.classes.upper, values()[i]),
      fill: (kind) => (fw.isDark() ? view.classes.dark : view.classes.light)[kind],
      missing: "no demand",
      chosen: showCell,
    });
    app.addRoads();
    app.painter.add(fw.drawLines(function () {
      if (chosen < 0) return [];
      const colour = fw.token(LOOKS[sites.kind[chosen]].token);
      const list = [];
      data.site_of.forEach(function (site, i) {
        if (site !== chosen) return;
        const line = { count: 2, x: [points.x[chosen], units.areas.inner.x[i]], y: [points.y[chosen], units.areas.inner.y[i]] };
        list.push({ points: line, colour: colour, width: 1.1, bare: true });
      });
      const most = Math.max(...sourcesOf(chosen).map((row) => row.amount), 1);
      for (const row of sourcesOf(chosen)) {
        if (row.from < 0) continue;
        const line = { count: 2, x: [points.x[row.from], points.x[chosen]], y: [points.y[row.from], points.y[chosen]] };
        list.push({ points: line, colour: fw.token(LOOKS[sites.kind[row.from]].token), width: 1.5 + 6 * (row.amount / most) });
      }
      return list;
    }));
    const order = ["candidate", "competitor", "closed", "kept", "new"];
    const marks = app.painter.add(fw.drawMarks(function () {
      const list = [];
      for (const kind of order) {
        if (hidden.has(kind)) continue;
        const look = LOOKS[kind];
        for (let i = 0; i < points.count; i += 1) {
          if (sites.kind[i] !== kind) continue;
          list.push({ x: points.x[i], y: points.y[i], shape: look.shape, size: look.size, fill: fw.token(look.token), line: fw.token("--site-rim"), index: i });
        }
      }
      return list;
    }));
    marks.pick = (i) => showSite(i, false);

    fw.addChoice(app.controls, {
      label: "Captured demand", value: view.key,
      options: data.views.map((item) => ({ value: item.key, label: item.label })),
      onChange: function (key) {
        view = data.views.find((item) => item.key === key);
        showLegend();
        app.painter.redraw();
      },
    });
    const showLegend = fw.makeLegend(function () {
      const present = Object.keys(LOOKS).filter((kind) => sites.kind.includes(kind));
      return {
        title: view.text,
        unit: view.unit || "",
        items: fw.classItems(view.classes, values(), view.kind, format, "no demand").concat(present.map((kind) =>
          ({ shape: LOOKS[kind].shape, fill: fw.token(LOOKS[kind].token), label: LOOKS[kind].label, count: sites.kind.filter((item) => item === kind).length }))),
        method: `Classes: ${view.classes.method}. ${data.reach}`,
      };
    });

    function showNetwork() {
      const blocks = [];
      if (data.frontier.steps.length > 1) {
        blocks.push(fw.heading("What each further site adds"));
        blocks.push(fw.curve({
          steps: data.frontier.steps, marked: data.new_sites, label: "Captured demand by number of new sites, with the proven bound",
          under: "new sites", show: (value) => format.brief("money", value),
          series: [{ kind: "bound", values: data.frontier.bound }, { kind: "captured", values: data.frontier.captured }],
        }));
        blocks.push(fw.element("p", { class: "method", text: "Full line: captured. Dashed: proven bound. The ring is this plan." }));
      }
      fw.showDetails({ title: "The network", under: data.proof, blocks: blocks });
    }

    const back = () => fw.element("button", { type: "button", class: "button", text: "Back to the network", on: { click: function () {
      chosen = marks.chosen = units.drawing.chosen = -1;
      app.painter.redraw();
      showNetwork();
    } } });

    function showSite(i, move) {
      chosen = marks.chosen = i;
      units.drawing.chosen = -1;
      if (move) app.goTo(fw.latLng(points, i), 0);
      app.painter.redraw();
      const cells = data.site_of.filter((site) => site === i).length;
      const amount = (key) => (sites[key][i] === null ? "" : `${format("money", sites[key][i])} ${data.currency}`);
      fw.showDetails({
        title: sites.name[i],
        tag: LOOKS[sites.kind[i]].label,
        under: sites.reason[i],
        blocks: [fw.facts([
          ["Site", sites.site_id[i]],
          ["Captures", amount("captured")],
          ["of it new", amount("from_unmet")],
          ["of it from own outlets", amount("from_own")],
          ["Lost without it", amount("marginal")],
          ["Cost a year", amount("cost")],
          ...(fw.isNumber(sites.phase[i]) ? [["In phase", format("whole", sites.phase[i])]] : []),
          ["Cells it serves best", format("whole", cells)],
          ...moreOf(i),
        ]), ...sourcesShown(i), back()],
      });
      table.choose(i);
    }

    /* What the answers say of one site: who steps in, how sure, when it pays back. */
    function moreOf(i) {
      const facts = [];
      const stand = answers.stand_ins.site.indexOf(i);
      if (stand >= 0) {
        facts.push(["If it falls through", `${answers.stand_ins.opens[stand] ? `open ${answers.stand_ins.opens[stand]}` : "open nothing instead"}; ` +
          `${format("number", answers.stand_ins.loss_percent[stand])} % less in all`]);
      }
      const sure = answers.sure.site.indexOf(i);
      if (sure >= 0) {
        const row = answers.sure.rows;
        facts.push(["Chosen in", `${format("number", row.chosen_percent[sure])} % of draws, rank ${row.rank_low[sure]} to ${row.rank_high[sure]}`]);
      }
      const load = answers.loads.site.indexOf(i);
      if (load >= 0 && fw.isNumber(answers.loads.rows.capacity[load])) {
        facts.push(["Its capacity", `${format("money", answers.loads.rows.capacity[load])} ${data.currency}`]);
        facts.push(["One more of it would add", format("number", answers.loads.rows.price[load])]);
      }
      const paid = answers.paybacks.site.indexOf(i);
      if (paid >= 0) {
        const row = answers.paybacks.rows;
        facts.push(["Earns a year", `${format("money", row.earns[paid])} ${data.currency}`]);
        if (fw.isNumber(row.payback_years[paid])) facts.push(["Pays back in", `${format("number", row.payback_years[paid])} years`]);
        if (row.saved[paid] > 0) facts.push(["Closing it would save", `${format("money", row.saved[paid])} ${data.currency} a year`]);
      }
      return facts;
    }

    function sourcesShown(i) {
      const rows = sourcesOf(i).slice(0, 8);
      if (!rows.length) return [];
      return [fw.heading("Where it comes from"), fw.bars(rows.map((row) =>
        ({ label: sourceName(row), value: row.amount, text: `${format("money", row.amount)} ${data.currency}` })))];
    }

    function showCell(i) {
      chosen = marks.chosen = -1;
      const amount = (key) => `${format("money", data.rows[key][i])} ${data.currency}`;
      const site = data.site_of[i];
      fw.showDetails({
        title: units.nameOf(i),
        under: `Cell ${data.units.ids[i]}`,
        blocks: [fw.facts([
          ["Demand left by competitors", amount("demand")],
          ["Captured before", `${amount("captured_before")} (${format("ratio", data.rows.share_before[i])})`],
          ["Captured after", `${amount("captured_after")} (${format("ratio", data.rows.share_after[i])})`],
          ["Served best by", site < 0 ? "no site" : sites.name[site]],
        ]), back()],
      });
      cells.choose(i);
    }

    const rows = Object.assign({ kind_word: sites.kind.map((kind) => LOOKS[kind].label) }, sites);
    const money = (key, label) => ({ key: key, label: label, kind: "money", unit: data.currency });
    const table = fw.addTable({
      title: "Sites", name: `${data.market}-sites`, rows: rows, count: sites.name.length, format: format, pick: (i) => showSite(i, true),
      columns: [
        { key: "name", label: "Site", kind: "text", search: (i) => `${sites.name[i]} ${sites.site_id[i]}` },
        { key: "kind_word", label: "Decision", kind: "text" },
        money("captured", "Captured"), money("from_unmet", "New"), money("from_own", "From own"), money("marginal", "Lost without"), money("cost", "Cost"),
        ...(sites.phase.length ? [{ key: "phase", label: "Phase", kind: "whole" }] : []),
        { key: "reason", label: "Why", kind: "long" },
      ],
    });
    const cellRows = Object.assign({ unit: data.units.ids.map((_, i) => units.nameOf(i)),
      site: data.site_of.map((site) => (site < 0 ? "" : sites.name[site])) }, data.rows);
    const cells = fw.addTable({
      title: "Cells", name: `${data.market}-cells`, rows: cellRows, count: data.units.ids.length, format: format, pick: (i) => units.choose(i, true),
      columns: [
        { key: "unit", label: "Cell", kind: "text" }, money("demand", "Demand"), money("captured_before", "Captured before"),
        money("captured_after", "Captured after"), money("change", "Change"),
        { key: "share_after", label: "Share after", kind: "ratio", unit: "of demand" }, { key: "site", label: "Served best by", kind: "text" },
      ],
    });
    const percent = (key, label) => ({ key: key, label: label, kind: "number", unit: "%" });
    const extra = (title, name, part, columns, note) => {
      if (part.count) fw.addTable({ title: title, name: `${data.market}-${name}`, rows: part.rows, count: part.count, columns: columns, format: format, note: note,
        pick: part.site ? (i) => part.site[i] >= 0 && showSite(part.site[i], true) : undefined });
    };
    extra("What each further site adds", "frontier", { count: data.frontier.steps.length > 1 ? data.frontier.steps.length : 0, rows: data.frontier },
      [{ key: "steps", label: "New sites", kind: "whole" }, money("captured", "Captured"), money("adds", "Adds"), money("bound", "Proven bound")],
      "The best network with at most so many new sites under the same other rules, beside the one with fewer.");
    extra("Phases", "phases", answers.phases, [{ key: "phase", label: "Phase", kind: "whole" }, { key: "opens", label: "Opens", kind: "long" },
      { key: "closes", label: "Closes", kind: "long" }, money("captured", "Captured by then"), money("bound", "Bound of any network"), money("spent", "Spent by then"),
      money("most_spent", "Budget by then")], "The last phase is this plan; each phase before is the best one on the way to the next.");
    extra("What if", "what-ifs", answers.what_ifs, [{ key: "name", label: "Scenario", kind: "text" }, money("captured", "Captured"), money("change", "Against this plan"),
      money("bound", "Proven bound"), { key: "new_sites", label: "New sites", kind: "whole" }, money("spent", "Spent"), { key: "opens", label: "Opens", kind: "long" },
      { key: "closes", label: "Closes", kind: "long" }, { key: "note", label: "Note", kind: "long" }], "The best network under each scenario.");
    extra("Other networks", "alternatives", answers.networks, [{ key: "kind", label: "Network", kind: "text" }, money("captured", "Captured"), percent("loss_percent", "Less than the plan"),
      money("bound", "Proven bound"), { key: "opens", label: "Opens instead", kind: "long" }, { key: "leaves", label: "Leaves out", kind: "long" }],
    "The best network without each new site, then the next best of all that lose 1 % at most.");
    extra("What each outlet pays back", "paybacks", answers.paybacks, [{ key: "name", label: "Site", kind: "text" }, money("adds", "Adds a year"), money("opening_cost", "Opening"),
      money("upkeep_cost", "Upkeep a year"), money("earns", "Earns a year"), { key: "payback_years", label: "Pays back in", kind: "number", unit: "years" },
      money("saved", "Closing saves a year")], `${format("number", answers.margin_percent)} % of what is captured counts as left for costs.`);
    extra("What each site serves of its capacity", "loads", answers.loads, [{ key: "name", label: "Site", kind: "text" }, money("capacity", "Capacity a year"),
      money("load_before", "Served before"), money("load", "Served"), { key: "price", label: "One more would add", kind: "number" }],
    "Demand splits among open sites so that most is captured. Empty capacity: no limit.");
    extra("How sure each site is", "robustness", answers.sure, [{ key: "name", label: "Site", kind: "text" }, percent("chosen_percent", "Chosen in draws"),
      { key: "rank_low", label: "Rank from", kind: "whole" }, { key: "rank_high", label: "to", kind: "whole" }],
    "Demand and travel times drawn anew, sites placed again; the rank is by what a site adds alone.");
    fw.addSearch("Find a site or a cell", sites.name.map((name, i) => ({ label: name, more: LOOKS[sites.kind[i]].label, go: () => showSite(i, true) })).concat(units.finds()));
    for (const kind of Object.keys(LOOKS)) {
      if (!sites.kind.includes(kind)) continue;
      app.switches.push({ label: LOOKS[kind].label, isOn: !hidden.has(kind), set: (on) => (on ? hidden.delete(kind) : hidden.add(kind)) });
    }
    app.switches.push({ label: "Cells", isOn: true, set: (on) => { units.drawing.isVisible = on; } },
      { label: "Cell borders", isOn: true, set: (on) => { units.drawing.bordered = on; } });
    showNetwork();
  };
})(Fieldwright);
