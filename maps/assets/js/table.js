/* The table twin: all that the map shows, to sort, filter, print and take away as CSV. */
(function (fw) {
  const FIRST_ROWS = 200;
  const PRINT_ROWS = 3000;
  const TEXT_KINDS = new Set(["text", "date", "long"]);

  function compare(a, b) {
    const emptyA = a === null || a === undefined || a === "";
    const emptyB = b === null || b === undefined || b === "";
    if (emptyA || emptyB) return Number(emptyA) - Number(emptyB);
    if (typeof a === "string" || typeof b === "string") return String(a).localeCompare(String(b), undefined, { numeric: true });
    return a - b;
  }

  /* A cell that a spreadsheet would run as a formula is quoted as text. */
  function csvCell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = String(value);
    const held = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r;]/.test(held) ? `"${held.replaceAll('"', '""')}"` : held;
  }

  function takeAway(name, columns, rows, order) {
    const lines = [columns.map((column) => csvCell(column.unit ? `${column.label} (${column.unit})` : column.label)).join(",")];
    for (const i of order) lines.push(columns.map((column) => csvCell(rows[column.key][i])).join(","));
    const link = fw.element("a", { download: name });
    link.href = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* spec: title, name, columns [{key, label, kind, unit, cell(i)}], rows {key: values}, count,
     pick(i), note, format. Gives { show(test), choose(i) }. */
  fw.addTable = function (spec) {
    const format = spec.format;
    const columns = spec.columns;
    const all = Array.from({ length: spec.count }, (_, i) => i);
    let order = all;
    let sort = { key: "", down: false };
    let words = "";
    let test = () => true;
    let most = FIRST_ROWS;
    let chosen = -1;
    const keys = [];

    const titleId = fw.newId("table-title");
    const status = fw.element("span", { class: "row-count", role: "status" });
    const filter = fw.element("input", { type: "search", placeholder: "Filter rows", "aria-label": `Filter rows of: ${spec.title}`,
      on: { input: () => { words = filter.value.trim().toLocaleLowerCase(); refresh(); } } });
    const download = fw.element("button", { type: "button", text: "Download CSV",
      on: { click: () => takeAway(`${spec.name}.csv`, columns, spec.rows, order) } });
    const heads = columns.map(function (column) {
      const button = fw.element("button", { type: "button", on: { click: () => sortBy(column.key) } },
        [fw.element("span", { text: column.label }), column.unit ? fw.element("span", { class: "unit", text: column.unit }) : null]);
      return fw.element("th", { scope: "col", class: TEXT_KINDS.has(column.kind) ? "text" : "figure", "aria-sort": "none" }, [button]);
    });
    const body = fw.element("tbody");
    const table = fw.element("table", { "aria-labelledby": titleId }, [fw.element("thead", {}, [fw.element("tr", {}, heads)]), body]);
    const more = fw.element("button", { type: "button", class: "more-rows", hidden: true,
      on: { click: () => { most = Infinity; fillRows(); } } });

    function keyOf(i) {
      if (keys[i] === undefined) {
        keys[i] = columns.map((column) => (column.search ? column.search(i) : spec.rows[column.key][i])).join(" ").toLocaleLowerCase();
      }
      return keys[i];
    }

    function refresh() {
      order = all.filter((i) => test(i) && (!words || keyOf(i).includes(words)));
      if (sort.key) {
        const values = spec.rows[sort.key];
        const way = sort.down ? -1 : 1;
        order.sort(function (a, b) {
          const result = compare(values[a], values[b]);
          const empty = [values[a], values[b]].some((value) => value === null || value === undefined || value === "");
          return (empty ? result : result * way) || a - b;
        });
      }
      fillRows();
    }

    function sortBy(key) {
      const column = columns.find((item) => item.key === key);
      const down = sort.key === key ? !sort.down : !TEXT_KINDS.has(column.kind);
      sort = { key: key, down: down };
      heads.forEach((head, k) => head.setAttribute("aria-sort", columns[k].key === key ? (down ? "descending" : "ascending") : "none"));
      refresh();
    }

    function cell(column, i, isFirst) {
      const value = spec.rows[column.key][i];
      const text = column.show ? column.show(i) : format(column.kind, value);
      const options = { class: TEXT_KINDS.has(column.kind) ? "text" : "figure" };
      const content = column.cell ? column.cell(i) : fw.textual(text, { class: text.length > 60 ? "long" : null });
      if (!isFirst) return fw.element("td", options, [content]);
      const inner = spec.pick
        ? fw.element("button", { type: "button", class: "pick", title: "Show on the map", on: { click: () => spec.pick(i) } }, [content])
        : content;
      return fw.element("th", Object.assign({ scope: "row" }, options), [inner]);
    }

    function fillRows() {
      const shown = order.slice(0, most);
      body.replaceChildren(...shown.map((i) =>
        fw.element("tr", { "data-row": i, "aria-current": i === chosen ? "true" : null }, columns.map((column, k) => cell(column, i, k === 0)))));
      const total = all.length === order.length ? `${format("whole", all.length)} rows` : `${format("whole", order.length)} of ${format("whole", all.length)} rows`;
      status.textContent = shown.length < order.length ? `${total}, the first ${format("whole", shown.length)} shown` : total;
      more.hidden = shown.length >= order.length;
      more.textContent = `Show all ${format("whole", order.length)} rows`;
    }

    const section = fw.element("section", { class: "table-twin", "aria-labelledby": titleId }, [
      fw.element("div", { class: "table-head" }, [fw.element("h2", { id: titleId, text: spec.title }), status, filter, download]),
      spec.note ? fw.element("p", { class: "under", text: spec.note }) : null,
      fw.element("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": titleId }, [table]),
      more,
    ]);
    fw.place("tables").append(section);
    let before = most;
    window.addEventListener("beforeprint", () => { before = most; most = Math.max(most, PRINT_ROWS); fillRows(); });
    window.addEventListener("afterprint", () => { most = before; fillRows(); });
    fw.onTheme(fillRows);
    refresh();
    return {
      section: section,
      rowCount: () => order.length,
      show: function (only) {
        test = only || (() => true);
        refresh();
      },
      choose: function (i) {
        chosen = i;
        for (const row of body.children) {
          if (Number(row.dataset.row) === i) row.setAttribute("aria-current", "true");
          else row.removeAttribute("aria-current");
        }
      },
    };
  };
})(Fieldwright);
