"use strict";
// Moves the numbers of the page with its sliders. What is computed here is what
// simulator/surfaces.py computes: quantiles of log turnover, each a polynomial of second degree.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const inputs = data.sliders.map((_, n) => at(`slider-${n}`));
  const target = at("size");
  const controls = [...inputs, target];

  // The surface.

  const place = ({low, high, is_log: isLog}, value) => {
    const [a, b, x] = isLog ? [Math.log(low), Math.log(high), Math.log(value)] : [low, high, value];
    return (2 * x - a - b) / (b - a);
  };

  const terms = (places) => {
    const found = [1, ...places, ...places.map((one) => one * one)];
    places.forEach((one, n) => places.slice(n + 1).forEach((other) => found.push(one * other)));
    return found;
  };

  const logs = (values) => {
    const known = terms(values.map((value, n) => place(data.sliders[n], value)));
    let before = -Infinity;
    return data.surface.map((row) => {
      const sum = row.reduce((total, one, n) => total + one * known[n], 0);
      before = Math.max(before, sum);
      return before;
    });
  };

  const between = (xs, ys, x) => {
    const above = xs.findIndex((one) => one >= x);
    if (above <= 0) return ys[above === 0 ? 0 : ys.length - 1];
    const share = (x - xs[above - 1]) / (xs[above] - xs[above - 1]);
    return ys[above - 1] + share * (ys[above] - ys[above - 1]);
  };

  const turnover = (found, level) => Math.exp(between(data.levels, found, level));
  const chance = (found, size) => 1 - between(found, data.levels, Math.log(size));

  // Numbers in words.

  const amount = (value) => {
    const [whole, rest] = String(value).split(".");
    const apart = whole.replace(/\B(?=(\d{3})+$)/g, " ");
    return rest === undefined ? apart : `${apart}.${rest}`;
  };
  const short = (value) => amount(Number(value.toPrecision(3)));
  const hundred = (share) => Math.floor(100 * share + 0.5);
  const frequency = (share) => {
    const runs = hundred(share);
    if (runs <= 1) return "at most 1 of 100 runs";
    return runs >= 99 ? "at least 99 of 100 runs" : `about ${runs} of 100 runs`;
  };
  const signed = (points) => (points > 0 ? "+" : points < 0 ? "\u2212" : "") + Math.abs(points);
  const say = (id, text) => {
    if (at(id).textContent !== text) at(id).textContent = text;
  };

  // The drawing: fifty dots, each for two of a hundred runs.

  const dots = [...document.querySelectorAll("#dots circle")];
  const across = (log) => {
    const {low, high, left, right} = data.scale;
    return left + (right - left) * Math.min(1, Math.max(0, (log - low) / (high - low)));
  };
  const set = (id, attributes) => {
    Object.entries(attributes).forEach(([name, value]) => at(id).setAttribute(name, value));
  };

  const draw = (found, size) => {
    const {left, right, dot, base, most} = data.scale;
    const last = Math.floor((right - left) / dot) - 1;
    const columns = found.map((log) => Math.min(last, Math.floor((across(log) - left) / dot)));
    const heights = {};
    const rows = columns.map((column) => {
      heights[column] = (heights[column] ?? -1) + 1;
      return heights[column];
    });
    const rise = Math.min(dot, most / (Math.max(...rows) + 1));
    dots.forEach((circle, n) => {
      circle.setAttribute("cx", left + dot * (columns[n] + 0.5));
      circle.setAttribute("cy", base - rise * (rows[n] + 0.5));
      circle.setAttribute("class", found[n] >= Math.log(size) ? "met" : "missed");
    });
    const [low, middle, high] = [0.1, 0.5, 0.9].map((level) => across(Math.log(turnover(found, level))));
    set("here", {x1: low, x2: high});
    set("here-middle", {cx: middle});
    const aim = across(Math.log(size));
    set("aim", {x1: aim, x2: aim});
    set("aim-words", {x: aim, "text-anchor": aim < 90 ? "start" : aim > 310 ? "end" : "middle"});
    say("aim-words", `target ${amount(size)}`);
  };

  // The page follows the sliders.

  const nearest = (values) => {
    const places = values.map((value, n) => place(data.sliders[n], value));
    const distances = data.tried.map((one) =>
      one.values.reduce((sum, value, n) => sum + (place(data.sliders[n], value) - places[n]) ** 2, 0));
    const row = distances.indexOf(Math.min(...distances));
    return {row, is_same: distances[row] < 1e-9};
  };

  const show = () => {
    const values = inputs.map((input) => Number(input.value));
    const settings = values.map((value, n) => value.toFixed(data.sliders[n].decimals));
    const size = Number(target.value);
    const column = Math.round((size - data.sizes[0]) / data.size_step);
    const found = logs(values);
    const share = chance(found, size);
    say("answer", `${data.words.subject} reaches USD ${amount(size)} million in ${data.words.year} in ` +
      `${frequency(share)} on ${data.words.statistics}.`);
    ["p10", "p50", "p90"].forEach((id, n) => say(id, short(turnover(found, [0.1, 0.5, 0.9][n]))));

    data.sliders.forEach((slider, n) => {
      const told = settings[n] + (slider.unit ? ` ${slider.unit}` : "");
      say(`value-${n}`, told);
      inputs[n].setAttribute("aria-valuetext", told);
      [slider.low, slider.high].forEach((end, which) => {
        const moved = values.map((value, m) => (m === n ? end : value));
        say(`end-${n}-${which}`, `${hundred(chance(logs(moved), size))} of 100`);
      });
    });
    say("size-value", `USD ${amount(size)} million`);
    target.setAttribute("aria-valuetext", `USD ${amount(size)} million`);

    const {row, is_same: isSame} = nearest(values);
    const near = data.tried[row];
    const hits = `${near.hits[column]} of ${near.of} runs meet the target`;
    say("nearest", isSame ? `This very setting was run (row ${row + 1}): ${hits}.`
      : `In the nearest setting that was run (row ${row + 1}), ${hits}.`);
    data.tried.forEach((one, n) => {
      const guess = chance(logs(one.values), size);
      say(`hits-${n}`, `${one.hits[column]}`);
      say(`guess-${n}`, (100 * guess).toFixed(1));
      say(`off-${n}`, signed(Number((100 * (guess - one.hits[column] / one.of)).toFixed(1))));
      at(`row-${n}`).className = n === row ? "near" : "";
    });
    const {hits: standing, of} = data.stands;
    say("stands-hits", `${standing[column]}`);
    say("stands-share", (100 * standing[column] / of).toFixed(1));
    say("size-head", amount(size));

    const options = data.sliders.map((one, n) => `${one.before}${settings[n]}${one.after}`);
    options.push(`--set ${data.target_path}=${size}`);
    say("command", [data.command.start, ...options, data.command.end].join(" "));
    draw(found, size);
  };

  // The address holds the setting, so that it can be sent to others.

  const names = [...data.sliders.map((one) => one.path), data.target_path];
  const remember = () => {
    const told = controls.map((input, n) => `${encodeURIComponent(names[n])}=${input.value}`);
    history.replaceState(null, "", `#${told.join("&")}`);
  };
  const recall = () => {
    const told = new URLSearchParams(location.hash.slice(1));
    controls.forEach((input, n) => {
      const value = told.get(names[n]);
      if (value && Number.isFinite(Number(value))) input.value = value;
    });
  };

  controls.forEach((input) => {
    input.disabled = false;
    input.addEventListener("input", () => { show(); remember(); });
  });
  at("reset").addEventListener("click", () => {
    controls.forEach((input) => { input.value = input.defaultValue; });
    show();
    remember();
  });
  at("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(at("command").textContent);
      say("copied", "Copied.");
    } catch {
      getSelection().selectAllChildren(at("command"));
      say("copied", "Selected: press Ctrl+C to copy.");
    }
  });
  document.querySelectorAll(".scripted").forEach((one) => { one.hidden = false; });
  addEventListener("hashchange", () => { recall(); show(); });
  recall();
  show();
})();
