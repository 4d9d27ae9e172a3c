/* Choices, switches and the details panel. */
(function (fw) {
  /* One out of few: radio buttons in a row. One out of many: a select. */
  fw.addChoice = function (parent, spec) {
    if (spec.options.length > (spec.most ?? 4)) return addSelect(parent, spec);
    const name = fw.newId("choice");
    const buttons = spec.options.map(function (option) {
      const radio = fw.element("input", { type: "radio", name: name, value: option.value,
        on: { change: () => spec.onChange(option.value) } });
      radio.checked = option.value === spec.value;
      return { radio: radio, label: fw.element("label", {}, [radio, fw.textual(option.label)]) };
    });
    const row = fw.element("div", { class: "segments" }, buttons.map((button) => button.label));
    parent.append(fw.element("fieldset", { class: "choice" }, [fw.element("legend", { text: spec.label }), row]));
    return { set: (value) => buttons.forEach((button) => { button.radio.checked = button.radio.value === value; }) };
  };

  function addSelect(parent, spec) {
    const id = fw.newId("select");
    const select = fw.element("select", { id: id, on: { change: () => spec.onChange(select.value) } },
      spec.options.map((option) => fw.element("option", { value: option.value, text: fw.clip(option.label, 80), dir: "auto" })));
    select.value = spec.value;
    const row = fw.element("div", { class: "select-row" }, [select]);
    if (spec.stepper) {
      const step = function (by) {
        const next = (select.selectedIndex + by + select.options.length) % select.options.length;
        select.selectedIndex = next;
        spec.onChange(select.value);
      };
      row.prepend(fw.element("button", { type: "button", class: "step", "aria-label": `Previous: ${spec.label}`, text: "‹", on: { click: () => step(-1) } }));
      row.append(fw.element("button", { type: "button", class: "step", "aria-label": `Next: ${spec.label}`, text: "›", on: { click: () => step(1) } }));
    }
    parent.append(fw.element("div", { class: "choice" }, [fw.element("label", { for: id, text: spec.label }), row]));
    return { set: (value) => { select.value = value; } };
  }

  /* Layer switches: each names drawings to show or hide. */
  fw.addSwitches = function (parent, painter, switches) {
    const boxes = switches.map(function (item) {
      const box = fw.element("input", { type: "checkbox", on: { change: function () {
        item.set(box.checked);
        painter.paint();
      } } });
      box.checked = item.isOn;
      return fw.element("label", {}, [box, fw.element("span", { text: item.label })]);
    });
    parent.append(fw.element("details", { class: "card switches", open: true }, [
      fw.element("summary", { text: "Layers" }),
      fw.element("div", { class: "switch-list" }, boxes),
    ]));
  };

  /* The details panel: a title, a line under it, and blocks. */
  fw.showDetails = function (spec) {
    const panel = fw.clear(fw.place("details"));
    const head = fw.element("div", { class: "details-head" }, [
      fw.element("h2", { dir: "auto", text: spec.title }),
      spec.tag ? fw.textual(spec.tag, { class: "tag" }) : null,
    ]);
    panel.append(head);
    if (spec.under) panel.append(fw.element("p", { class: "under", dir: "auto", text: spec.under }));
    for (const block of spec.blocks || []) if (block) panel.append(block);
  };

  /* Label and value pairs; empty values are left out. */
  fw.facts = function (pairs) {
    const kept = pairs.filter((pair) => pair && pair[1] !== "" && pair[1] !== null && pair[1] !== undefined);
    return fw.element("dl", { class: "facts" }, kept.map(([label, value]) =>
      fw.element("div", {}, [fw.element("dt", { dir: "auto", text: label }), fw.element("dd", { dir: "auto", text: value })])));
  };

  fw.heading = (text) => fw.element("h3", { text: text });
})(Fieldwright);
