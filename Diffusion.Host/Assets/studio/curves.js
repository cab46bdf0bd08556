// Curves drawn as SVG, for pages that need them to follow a slider.

const svgName = 'http://www.w3.org/2000/svg';

/** An element of SVG: its name, its attributes, and what is in it. */
export function shape(name, attributes = {}, ...content) {
  const element = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

const [left, right, top, bottom] = [50, 14, 12, 40];

/** A scale from numbers to places: { low, high, log }. Numbers that have no place are NaN. */
function scale({ low, high, log }, from, to) {
  const at = log ? Math.log10 : number => number;
  const [first, last] = [at(low), at(high)];
  return number => number === null || (log && number <= 0) ? NaN : from + (to - from) * (at(number) - first) / (last - first);
}

const superscript = number => `10${[...String(number)].map(digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'[digit] ?? '⁻').join('')}`;

function ticks({ low, high, log, values }) {
  if (values) return values.map(value => [value, String(value).replace('-', '−')]);
  if (log) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.ceil((last - first) / 6);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(power => (power - first) % every === 0)
      .map(power => [10 ** power, power === 0 ? '1' : superscript(power)]);
  }
  return [0, 0.25, 0.5, 0.75, 1].map(share => low + (high - low) * share)
    .map(value => [value, String(Number(value.toPrecision(3))).replace('-', '−')]);
}

const inside = (place, from, to) => Number.isFinite(place) && place >= from - 0.5 && place <= to + 0.5;

/**
 * A chart. `x` and `y` are { label, low, high, log, values }, each of `series` is { name, look, points, mark }: points as [x, y] with null
 * for what has no place, a number of a look, and the point that is marked; with `dots` every point is.
 */
export function chart({ title, x, y, series, dots = false, width = 320, height = 240 }) {
  const [placeX, placeY] = [scale(x, left, width - right), scale(y, height - bottom, top)];
  const clamp = place => Math.min(Math.max(place, top - 1), height - bottom + 1);
  const drawn = shape('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': title });
  for (const [value, text] of ticks(y)) {
    const place = placeY(value);
    drawn.append(shape('line', { class: 'grid', x1: left, x2: width - right, y1: place, y2: place }),
      shape('text', { x: left - 6, y: place + 4, 'text-anchor': 'end' }, text));
  }
  for (const [value, text] of ticks(x)) {
    const place = placeX(value);
    drawn.append(shape('line', { class: 'grid', x1: place, x2: place, y1: top, y2: height - bottom }),
      shape('text', { x: place, y: height - bottom + 17, 'text-anchor': 'middle' }, text));
  }
  drawn.append(
    shape('text', { class: 'name', x: (left + width - right) / 2, y: height - 6, 'text-anchor': 'middle' }, x.label),
    shape('text', { class: 'name', x: 0, y: 0, 'text-anchor': 'middle', transform: `translate(12 ${(top + height - bottom) / 2}) rotate(-90)` },
      y.label));
  for (const { look, points, mark } of series) {
    let path = '';
    for (const [across, up] of points) {
      const [px, py] = [placeX(across), placeY(up)];
      if (Number.isFinite(px) && Number.isFinite(py)) path += `${path && !path.endsWith(' ') ? 'L' : 'M'}${px.toFixed(1)},${clamp(py).toFixed(1)}`;
      else path += ' ';
    }
    drawn.append(shape('path', { class: `look${look}`, d: path.trim() }));
    const marked = dots ? points : mark ? [mark] : [];
    for (const [across, up] of marked) {
      const [px, py] = [placeX(across), placeY(up)];
      if (inside(px, left, width - right) && inside(py, top, height - bottom))
        drawn.append(shape('circle', { class: `look${look}`, cx: px, cy: py, r: dots ? 3 : 5.5 }));
    }
  }
  return drawn;
}

/** A piece of a line as the curves of a look have it, for a legend or a caption. */
export const sign = look => shape('svg', { class: 'chart sign', viewBox: '0 0 28 10', width: 28, height: 10, 'aria-hidden': true },
  shape('path', { class: `look${look}`, d: 'M1,5L27,5' }));
