/* What a painter can draw: the base map, areas, borders, lines, marks and labels. */
(function (fw) {
  function trace(pen, view, points, closed) {
    const { x, y, count } = points;
    const { scale, left, top } = view;
    if (!count) return;
    pen.moveTo(x[0] * scale - left, y[0] * scale - top);
    for (let k = 1; k < count; k += 1) pen.lineTo(x[k] * scale - left, y[k] * scale - top);
    if (closed) pen.closePath();
  }

  function traceAll(pen, view, list, closed) {
    pen.beginPath();
    for (const points of list) trace(pen, view, points, closed);
  }

  const ROADS = { minor: [12.5, 0.5], middle: [10, 0.9], major: [0, 1.5] };

  fw.drawGround = function (base) {
    const water = fw.decodeLines(base.water);
    const boundaries = fw.decodeLines(base.boundaries);
    return {
      isVisible: true,
      draw: function (pen, view) {
        traceAll(pen, view, water, true);
        pen.fillStyle = fw.token("--map-water");
        pen.fill("evenodd");
        traceAll(pen, view, boundaries, true);
        pen.setLineDash([6, 4]);
        pen.lineWidth = 1;
        pen.strokeStyle = fw.token("--map-boundary");
        pen.stroke();
      },
    };
  };

  fw.drawRoads = function (base) {
    const roads = {};
    for (const [kind, lines] of Object.entries(base.roads)) roads[kind] = fw.decodeLines(lines);
    return {
      isVisible: true,
      draw: function (pen, view) {
        pen.lineJoin = "round";
        pen.strokeStyle = fw.token("--map-road");
        for (const [kind, lines] of Object.entries(roads)) {
          const [from, width] = ROADS[kind] || ROADS.minor;
          if (view.zoom < from) continue;
          traceAll(pen, view, lines, false);
          pen.lineWidth = width * Math.max(0.6, Math.min(3, 1 + (view.zoom - 13) * 0.3));
          pen.stroke();
        }
      },
    };
  };

  /* A hatch that tells an area apart without colour. */
  const hatches = {};
  fw.hatch = function (pen, colour, kind) {
    const name = `${colour} ${kind}`;
    if (!hatches[name]) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const small = tile.getContext("2d");
      small.strokeStyle = colour;
      small.lineWidth = 1.4;
      small.beginPath();
      if (kind === "dots") {
        small.arc(4, 4, 1.2, 0, 7);
      } else {
        for (const shift of [-8, 0, 8]) {
          small.moveTo(shift, 8);
          small.lineTo(shift + 8, 0);
        }
      }
      small.stroke();
      hatches[name] = pen.createPattern(tile, "repeat");
    }
    return hatches[name];
  };

  /* Areas filled by class. style: classOf(i), fill(class), hatchOf(i) -> "", "lines" or "dots". */
  fw.drawAreas = function (areas, style) {
    const drawing = { isVisible: true, bordered: true, hovered: -1, chosen: -1 };
    const seen = (view, i) => areas.box[4 * i] < view.east && areas.box[4 * i + 2] > view.west &&
      areas.box[4 * i + 1] < view.south && areas.box[4 * i + 3] > view.north;

    /* Cells where the measure has no meaning are calm; those whose value is missing are hatched. */
    function noValue(pen) {
      return style.missing ? fw.token("--map-calm") : fw.hatch(pen, fw.token("--map-nodata"), "lines");
    }

    function traceArea(pen, view, i) {
      for (const ring of areas.rings[i]) trace(pen, view, ring, true);
    }

    function fillClasses(pen, view, byClass) {
      const typical = areas.count ? (areas.box[2] - areas.box[0]) * view.scale : 0;
      for (const [kind, members] of byClass) {
        const colour = kind < 0 ? noValue(pen) : style.fill(kind);
        inParts(members, function (some) {
          pen.beginPath();
          for (const i of some) traceArea(pen, view, i);
          pen.globalAlpha = kind < 0 ? 1 : style.opacity || 0.82;
          pen.fillStyle = colour;
          pen.fill("evenodd");
          pen.globalAlpha = 1;
          if (!drawing.bordered || typical <= 4) return;
          pen.lineWidth = typical > 14 ? 0.8 : 0.4;
          pen.strokeStyle = fw.token("--map-cell");
          pen.stroke();
        });
      }
    }

    /* One path of very many areas costs a browser far more than several of some. */
    function inParts(members, act) {
      for (let from = 0; from < members.length; from += 300) act(members.slice(from, from + 300));
    }

    drawing.draw = function (pen, view) {
      const byClass = new Map();
      const hatched = new Map();
      for (let i = 0; i < areas.count; i += 1) {
        if (!seen(view, i)) continue;
        const kind = style.classOf(i);
        if (kind === null) continue;
        if (!byClass.has(kind)) byClass.set(kind, []);
        byClass.get(kind).push(i);
        const hatch = style.hatchOf ? style.hatchOf(i) : "";
        if (hatch && !hatched.has(hatch)) hatched.set(hatch, []);
        if (hatch) hatched.get(hatch).push(i);
      }
      fillClasses(pen, view, byClass);
      for (const [hatch, members] of hatched) {
        pen.fillStyle = fw.hatch(pen, fw.token("--map-hatch"), hatch);
        inParts(members, function (some) {
          pen.beginPath();
          for (const i of some) traceArea(pen, view, i);
          pen.fill("evenodd");
        });
      }
      for (const [i, width] of [[drawing.hovered, 2], [drawing.chosen, 3]]) {
        if (i < 0) continue;
        pen.beginPath();
        traceArea(pen, view, i);
        pen.lineJoin = "round";
        pen.strokeStyle = fw.token("--map-halo");
        pen.lineWidth = width + 3;
        pen.stroke();
        pen.strokeStyle = fw.token("--map-chosen");
        pen.lineWidth = width;
        pen.stroke();
      }
    };
    drawing.find = (x, y) => {
      const found = areas.find(x, y);
      return found >= 0 && style.classOf(found) !== null ? found : -1;
    };
    return drawing;
  };

  /* Borders between units of different owners. */
  fw.drawBorders = function (sides, ownerOf, width = 1.8) {
    return {
      isVisible: true,
      draw: function (pen, view) {
        const { scale, left, top } = view;
        pen.beginPath();
        for (let k = 0; k < sides.one.length; k += 1) {
          const other = sides.other[k];
          if (other >= 0 && ownerOf(sides.one[k]) === ownerOf(other)) continue;
          pen.moveTo(sides.x1[k] * scale - left, sides.y1[k] * scale - top);
          pen.lineTo(sides.x2[k] * scale - left, sides.y2[k] * scale - top);
        }
        pen.lineCap = "round";
        pen.strokeStyle = fw.token("--map-halo");
        pen.lineWidth = width + 2.2;
        pen.stroke();
        pen.strokeStyle = fw.token("--map-border");
        pen.lineWidth = width;
        pen.stroke();
      },
    };
  };

  /* Lines: list() gives { points, colour, width, dash }. */
  fw.drawLines = function (list) {
    return {
      isVisible: true,
      draw: function (pen, view) {
        const lines = list();
        pen.lineJoin = pen.lineCap = "round";
        for (const casing of [true, false]) {
          for (const line of lines) {
            if (casing && line.bare) continue;
            pen.beginPath();
            trace(pen, view, line.points, false);
            pen.setLineDash(line.dash && !casing ? line.dash : []);
            pen.lineWidth = line.width + (casing ? 3 : 0);
            pen.strokeStyle = casing ? fw.token("--map-halo") : line.colour;
            pen.stroke();
          }
        }
      },
    };
  };

  /* Shapes about (0, 0), one unit wide in each direction, for canvas and legend alike. */
  fw.shapes = {
    circle: "M1 0A1 1 0 1 1-1 0A1 1 0 1 1 1 0Z",
    square: "M-.88-.88H.88V.88H-.88Z",
    triangle: "M0-1.1 1.05.85H-1.05Z",
    diamond: "M0-1.2 1.2 0 0 1.2-1.2 0Z",
    star: "M0-1.3 .33-.42 1.24-.4 .53.17 .76 1.05 0 .55-.76 1.05-.53.17-1.24-.4-.33-.42Z",
    cross: "M-1-.6-.6-1 0-.4 .6-1 1-.6 .4 0 1 .6 .6 1 0 .4-.6 1-1 .6-.4 0Z",
    house: "M0-1.15 1.1-.1H.8V1H-.8V-.1H-1.1Z",
  };
  const paths = {};
  fw.shapePath = (name) => paths[name] || (paths[name] = new Path2D(fw.shapes[name]));

  /* Marks: list() gives { x, y, shape, size, fill, line, ink, text, index }; later ones lie on top. */
  fw.drawMarks = function (list) {
    const drawing = { isVisible: true, chosen: -1 };
    drawing.draw = function (pen, view) {
      for (const mark of list()) {
        const x = view.x(mark.x);
        const y = view.y(mark.y);
        if (x < -40 || y < -40 || x > view.width + 40 || y > view.height + 40) continue;
        const isChosen = mark.index >= 0 && mark.index === drawing.chosen;
        const size = isChosen ? mark.size * 1.35 : mark.size;
        pen.save();
        pen.translate(x, y);
        pen.scale(size, size);
        pen.lineJoin = "round";
        pen.lineWidth = 4.5 / size;
        pen.strokeStyle = isChosen ? fw.token("--map-chosen") : fw.token("--map-halo");
        pen.stroke(fw.shapePath(mark.shape));
        pen.fillStyle = mark.fill;
        pen.fill(fw.shapePath(mark.shape));
        pen.lineWidth = 1.2 / size;
        pen.strokeStyle = mark.line || mark.fill;
        pen.stroke(fw.shapePath(mark.shape));
        pen.restore();
        if (!mark.text) continue;
        pen.font = `700 ${Math.round(size * (mark.text.length > 2 ? 0.85 : 1.05))}px system-ui, sans-serif`;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.fillStyle = mark.ink || "#fff";
        pen.fillText(mark.text, x, y + 0.5);
      }
    };
    drawing.find = function (x, y, reach) {
      let best = -1;
      let nearest = reach * reach;
      for (const mark of list()) {
        const apart = (mark.x - x) ** 2 + (mark.y - y) ** 2;
        if (apart <= nearest && mark.index >= 0) {
          nearest = apart;
          best = mark.index;
        }
      }
      return best;
    };
    return drawing;
  };

  /* Sites are told apart by shape first, colour second. */
  fw.siteLooks = {
    new: { label: "New site", shape: "star", size: 13, token: "--site-new" },
    kept: { label: "Own outlet, kept", shape: "square", size: 9, token: "--site-own" },
    closed: { label: "Own outlet, closed", shape: "cross", size: 10, token: "--site-closed" },
    competitor: { label: "Competitor", shape: "triangle", size: 8.5, token: "--site-competitor" },
    candidate: { label: "Candidate, not chosen", shape: "circle", size: 5, token: "--site-candidate" },
  };

  /* Labels: list() gives { x, y, text, small }; one that would lie on another is left out. */
  fw.drawLabels = function (list) {
    return {
      isVisible: true,
      draw: function (pen, view) {
        const taken = [];
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.lineJoin = "round";
        for (const label of list()) {
          const size = label.small ? 11 : 14;
          pen.font = `${label.small ? 600 : 750} ${size}px system-ui, sans-serif`;
          const text = fw.clip(label.text, 28);
          const half = pen.measureText(text).width / 2 + 3;
          const x = view.x(label.x);
          const y = view.y(label.y) + (label.lower || 0);
          if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
          if (taken.some((box) => Math.abs(box[0] - x) < box[2] + half && Math.abs(box[1] - y) < (box[3] + size) / 2 + 2)) continue;
          taken.push([x, y, half, size]);
          pen.strokeStyle = fw.token("--map-halo");
          pen.lineWidth = 4;
          pen.strokeText(text, x, y);
          pen.fillStyle = fw.token("--map-ink");
          pen.fillText(text, x, y);
        }
      },
    };
  };
})(Fieldwright);
