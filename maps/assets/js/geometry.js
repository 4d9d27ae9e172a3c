/* Geometry: steps of 1e-5 degrees to Mercator squares [0, 1], borders, what lies under a point. */
(function (fw) {
  const STEP = 1e-5;

  fw.mercatorX = (lon) => lon / 360 + 0.5;
  fw.mercatorY = function (lat) {
    const held = Math.max(-85.0511, Math.min(85.0511, lat));
    return 0.5 - Math.log(Math.tan(Math.PI / 4 + (held * Math.PI) / 360)) / (2 * Math.PI);
  };

  /* A flat list of steps to points: whole steps and Mercator places. */
  fw.decode = function (steps, fromLon, fromLat) {
    const count = steps.length >> 1;
    const points = { count: count, lon: new Int32Array(count), lat: new Int32Array(count),
      x: new Float64Array(count), y: new Float64Array(count) };
    let lon = fromLon || 0;
    let lat = fromLat || 0;
    for (let i = 0; i < count; i += 1) {
      lon += steps[2 * i];
      lat += steps[2 * i + 1];
      points.lon[i] = lon;
      points.lat[i] = lat;
      points.x[i] = fw.mercatorX(lon * STEP);
      points.y[i] = fw.mercatorY(lat * STEP);
    }
    return points;
  };
  fw.latLng = (points, i) => L.latLng(points.lat[i] * STEP, points.lon[i] * STEP);
  fw.decodeLines = (lines) => lines.map((steps) => fw.decode(steps));

  /* All units as one: rings of each, with boxes, a box grid to look up points, and borders. */
  fw.makeAreas = function (units) {
    const inner = fw.decode(units.inner);
    const rings = units.rings.map((list, i) => list.map((steps) => fw.decode(steps, inner.lon[i], inner.lat[i])));
    const count = rings.length;
    const box = new Float64Array(count * 4);
    for (let i = 0; i < count; i += 1) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (const ring of rings[i]) {
        for (let k = 0; k < ring.count; k += 1) {
          if (ring.x[k] < west) west = ring.x[k];
          if (ring.x[k] > east) east = ring.x[k];
          if (ring.y[k] < north) north = ring.y[k];
          if (ring.y[k] > south) south = ring.y[k];
        }
      }
      box.set([west, north, east, south], i * 4);
    }
    return { count: count, inner: inner, rings: rings, box: box, find: makeFinder(rings, box, count) };
  };

  function makeFinder(rings, box, count) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (let i = 0; i < count; i += 1) {
      if (!(box[4 * i] <= box[4 * i + 2])) continue;
      west = Math.min(west, box[4 * i]);
      north = Math.min(north, box[4 * i + 1]);
      east = Math.max(east, box[4 * i + 2]);
      south = Math.max(south, box[4 * i + 3]);
    }
    const side = Math.max(1, Math.min(256, Math.ceil(Math.sqrt(count))));
    const across = (east - west) / side || 1;
    const down = (south - north) / side || 1;
    const at = (value, start, size) => Math.max(0, Math.min(side - 1, Math.floor((value - start) / size)));
    let bins = null;

    function fillBins() {
      bins = Array.from({ length: side * side }, () => []);
      for (let i = 0; i < count; i += 1) {
        if (!(box[4 * i] <= box[4 * i + 2])) continue;
        const right = at(box[4 * i + 2], west, across);
        const bottom = at(box[4 * i + 3], north, down);
        for (let row = at(box[4 * i + 1], north, down); row <= bottom; row += 1) {
          for (let column = at(box[4 * i], west, across); column <= right; column += 1) bins[row * side + column].push(i);
        }
      }
    }

    return function (x, y) {
      if (!count || x < west || x > east || y < north || y > south) return -1;
      if (!bins) fillBins();
      for (const i of bins[at(y, north, down) * side + at(x, west, across)]) {
        if (x >= box[4 * i] && x <= box[4 * i + 2] && y >= box[4 * i + 1] && y <= box[4 * i + 3] && holds(rings[i], x, y)) return i;
      }
      return -1;
    };
  }

  function holds(rings, x, y) {
    let inside = false;
    for (const ring of rings) {
      for (let a = 0, b = ring.count - 1; a < ring.count; b = a, a += 1) {
        if (ring.y[a] > y !== ring.y[b] > y &&
            x < ((ring.x[b] - ring.x[a]) * (y - ring.y[a])) / (ring.y[b] - ring.y[a]) + ring.x[a]) inside = !inside;
      }
    }
    return inside;
  }

  /* Every side of every unit with the unit on its other side (-1 for none). */
  fw.makeSides = function (areas) {
    const corners = new Map();
    const known = new Map();
    const sides = { x1: [], y1: [], x2: [], y2: [], one: [], other: [] };

    function cornerOf(ring, k) {
      const place = (ring.lon[k] + 18000000) * 18000001 + (ring.lat[k] + 9000000);
      let corner = corners.get(place);
      if (corner === undefined) corners.set(place, (corner = corners.size));
      return corner;
    }

    function addSide(ring, from, to, one, other, unit) {
      if (one === other) return;
      const name = Math.min(one, other) * 67108864 + Math.max(one, other);
      const met = known.get(name);
      if (met !== undefined) {
        sides.other[met] = unit;
        return;
      }
      known.set(name, sides.one.length);
      sides.x1.push(ring.x[from]);
      sides.y1.push(ring.y[from]);
      sides.x2.push(ring.x[to]);
      sides.y2.push(ring.y[to]);
      sides.one.push(unit);
      sides.other.push(-1);
    }

    areas.rings.forEach(function (rings, unit) {
      for (const ring of rings) {
        let last = cornerOf(ring, ring.count - 1);
        for (let a = 0, b = ring.count - 1; a < ring.count; b = a, a += 1) {
          const corner = cornerOf(ring, a);
          addSide(ring, a, b, corner, last, unit);
          last = corner;
        }
      }
    });
    return sides;
  };

  fw.classOf = function (upper, value) {
    if (!fw.isNumber(value) || !upper.length) return -1;
    let low = 0;
    let high = upper.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= upper[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  };
})(Fieldwright);
