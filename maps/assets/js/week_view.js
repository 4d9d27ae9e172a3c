/* A week of one executive: days as columns, what is done as blocks by clock time. */
(function (fw) {
  const HOUR = 3600;
  const TALL = 44; // pixels an hour

  /* The Monday of a day, both as 2026-11-24. */
  fw.mondayOf = function (text) {
    const day = new Date(`${text}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
    return day.toISOString().slice(0, 10);
  };

  function block(part, from, format) {
    const short = part.to - part.from < 0.8 * HOUR;
    const time = `${format("clock", part.from)} – ${format("clock", part.to)}`;
    const words = part.kind === "visit" ? [fw.element("span", { class: "week-name" }, [short ? fw.element("span", { class: "week-start", text: `${format("clock", part.from)} ` }) : null, fw.textual(part.name)]), fw.element("span", { class: "week-time", text: time })] : [];
    const options = { class: `week-part ${part.kind}${short ? " is-short" : ""}`, title: part.kind === "visit" ? `${time} ${fw.clip(part.name, 120)}` : `${time} ${part.word}`,
      look: { top: `${((part.from - from) / HOUR) * TALL}px`, height: `${Math.max(2, ((part.to - part.from) / HOUR) * TALL)}px` } };
    if (!part.pick) return fw.element("div", options, words);
    return fw.element("button", Object.assign({ type: "button", on: { click: part.pick } }, options), words);
  }

  /* One section. days: [{date, parts: [{kind, from, to, name, word, pick()}]}], all of one week. */
  fw.weekOf = function (title, under, days, format) {
    const parts = days.flatMap((day) => day.parts);
    const from = Math.floor(Math.min(8 * HOUR, ...parts.map((part) => part.from)) / HOUR) * HOUR;
    const to = Math.ceil(Math.max(17 * HOUR, ...parts.map((part) => part.to)) / HOUR) * HOUR;
    const tall = `${((to - from) / HOUR) * TALL}px`;
    const hours = [];
    for (let at = from; at < to; at += HOUR) hours.push(fw.element("span", { text: format("clock", at), look: { height: `${TALL}px` } }));
    const columns = days.map((day) => fw.element("section", { class: "week-day" }, [
      fw.element("h4", { text: format.day(day.date) }),
      fw.element("div", { class: "week-column", look: { height: tall } }, day.parts.map((part) => block(part, from, format))),
    ]));
    return fw.element("section", { class: "week" }, [
      fw.textual(title, { class: "week-title", role: "heading", "aria-level": "3" }),
      fw.element("p", { class: "under", text: under }),
      fw.element("div", { class: "week-scroll", tabindex: "0", role: "region", "aria-label": "Week, days as columns" }, [
        fw.element("div", { class: "week-grid", look: { gridTemplateColumns: `52px repeat(${days.length}, minmax(118px, 1fr))` } },
          [fw.element("div", { class: "week-hours" }, hours), ...columns]),
      ]),
    ]);
  };
})(Fieldwright);
