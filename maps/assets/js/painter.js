/* One canvas for all drawings of a map; it moves and zooms as Leaflet's own renderers do. */
(function (fw) {
  const Painter = L.Renderer.extend({
    options: { padding: 0.25 },

    initialize: function () {
      L.Renderer.prototype.initialize.call(this, {});
      this.drawings = [];
      this.isHeld = true; // until the page is set up
    },

    _initContainer: function () {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
      this._pen = this._container.getContext("2d");
    },

    _destroyContainer: function () {
      this._container.remove();
      this._container = null;
    },

    _updatePaths: function () {},

    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const sharp = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      this._container.width = Math.max(1, Math.round(size.x * sharp));
      this._container.height = Math.max(1, Math.round(size.y * sharp));
      this._container.style.width = `${size.x}px`;
      this._container.style.height = `${size.y}px`;
      this._pen.setTransform(sharp, 0, 0, sharp, 0, 0);
      this.paint();
    },

    paint: function () {
      if (this.isHeld || !this._map || !this._bounds) return;
      const size = this._bounds.getSize();
      this._pen.clearRect(0, 0, size.x, size.y);
      const view = this.view();
      for (const drawing of this.drawings) {
        if (!drawing.isVisible) continue;
        this._pen.save();
        drawing.draw(this._pen, view);
        this._pen.restore();
      }
    },

    /* How Mercator places become places on the canvas now. */
    view: function () {
      const zoom = this._map.getZoom();
      const scale = 256 * Math.pow(2, zoom);
      const origin = this._map.getPixelOrigin().add(this._bounds.min);
      const size = this._bounds.getSize();
      return {
        zoom: zoom,
        scale: scale,
        left: origin.x,
        top: origin.y,
        width: size.x,
        height: size.y,
        x: (x) => x * scale - origin.x,
        y: (y) => y * scale - origin.y,
        west: origin.x / scale,
        north: origin.y / scale,
        east: (origin.x + size.x) / scale,
        south: (origin.y + size.y) / scale,
      };
    },

    redraw: function () {
      if (this._awaited) return;
      this._awaited = true;
      requestAnimationFrame(() => {
        this._awaited = false;
        this.paint();
      });
    },
  });

  /* A painter on a map that tells the topmost drawing what is pointed at and picked. */
  fw.makePainter = function (map) {
    const painter = new Painter();
    let hovered = null;

    function under(event) {
      const zoom = map.getZoom();
      const reach = 12 / (256 * Math.pow(2, zoom));
      const x = fw.mercatorX(event.latlng.lng);
      const y = fw.mercatorY(event.latlng.lat);
      for (let i = painter.drawings.length - 1; i >= 0; i -= 1) {
        const drawing = painter.drawings[i];
        if (!drawing.isVisible || !drawing.find) continue;
        const found = drawing.find(x, y, reach);
        if (found >= 0) return { drawing: drawing, index: found };
      }
      return null;
    }

    map.on("mousemove", function (event) {
      const found = under(event);
      const same = found && hovered && found.drawing === hovered.drawing && found.index === hovered.index;
      if (same || (!found && !hovered)) return;
      if (hovered && hovered.drawing.hover) hovered.drawing.hover(-1);
      hovered = found;
      if (found && found.drawing.hover) found.drawing.hover(found.index);
      map.getContainer().classList.toggle("is-pointing", Boolean(found));
      painter.redraw();
    });
    map.on("click", function (event) {
      const found = under(event);
      if (found && found.drawing.pick) found.drawing.pick(found.index);
    });
    painter.add = function (drawing) {
      painter.drawings.push(drawing);
      return drawing;
    };
    fw.onTheme(() => painter.paint());
    painter.addTo(map);
    return painter;
  };
})(Fieldwright);
