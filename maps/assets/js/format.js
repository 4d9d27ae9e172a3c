/* Figures as the page's language writes them. */
(function (fw) {
  function tryFormat(lang, options) {
    try {
      return new Intl.NumberFormat(lang, options);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return new Intl.NumberFormat("en", { maximumFractionDigits: options.maximumFractionDigits });
    }
  }

  const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

  function clock(seconds) {
    const minutes = Math.round(seconds / 60);
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  }

  // What rounds to nothing has no sign: never "-0 %".
  function withoutMinusZero(formatter) {
    const zero = formatter.format(0), minus = formatter.format(-0);
    const format = function (value) {
      const text = formatter.format(value);
      return text === minus ? zero : text;
    };
    return { format: format, isZero: (value) => format(value) === zero };
  }

  /** A name as a heading or label: its first letter large. */
  fw.titled = (name) => name.charAt(0).toLocaleUpperCase() + name.slice(1);

  fw.makeFormat = function (lang, currency) {
    const upTo = (digits) => withoutMinusZero(tryFormat(lang, { maximumFractionDigits: digits }));
    const whole = upTo(0), one = upTo(1), two = upTo(2), three = upTo(3);
    const compact = tryFormat(lang, { notation: "compact", maximumSignificantDigits: 3 });
    const number = (value) => (Math.abs(value) >= 100 ? whole : Math.abs(value) >= 10 ? one : two).format(value);
    const kinds = {
      number: number,
      whole: (value) => whole.format(value),
      index: (value) => three.format(value),
      money: (value) => (Math.abs(value) >= 10 || value === 0 ? whole : two).format(value),
      ratio: (value) => one.format(value * 100) + " %",
      percent: (value) => one.format(value) + " %",
      signed: (value) => (one.isZero(value) ? "±" : value > 0 ? "+" : "−") + one.format(Math.abs(value)) + " %",
      minutes: (value) => one.format(value) + " min",
      seconds: (value) => whole.format(value / 60) + " min",
      meters: (value) => (value >= 950 ? one.format(value / 1000) + " km" : whole.format(value) + " m"),
      hours: (value) => one.format(value) + " h",
      clock: clock,
      degrees: (value) => value.toFixed(5),
    };
    const format = function (kind, value) {
      if (kind === "flag") return value ? "yes" : "no";
      if (value === null || value === undefined || value === "") return "–";
      if (!isNumber(value) || !(kind in kinds)) return String(value);
      return kinds[kind](value);
    };
    format.brief = (kind, value) =>
      kind === "money" && isNumber(value) ? compact.format(value) : format(kind, value);
    format.unitOf = function (kind) {
      const units = { money: currency, minutes: "minutes", hours: "hours", ratio: "%", percent: "%", signed: "%" };
      return units[kind] || "";
    };
    format.day = function (text) {
      const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
      if (!parts) return text;
      const day = new Date(Date.UTC(+parts[1], parts[2] - 1, +parts[3]));
      const options = { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" };
      try {
        return day.toLocaleDateString(lang, options);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return day.toLocaleDateString("en", options);
      }
    };
    return format;
  };

  fw.isNumber = isNumber;
})(Fieldwright);
