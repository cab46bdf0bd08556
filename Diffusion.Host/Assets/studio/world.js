// The page World: a density in the plane that the reader shapes, seen through noise, and samplers on their way to it.
import { ask, debounced, field, find, h, latest, select, short, slider, status } from './common.js';
import { chart, shape, sign } from './curves.js';

const main = find('#content');
const said = status();
const known = await ask('/world');
const letter = label => String.fromCharCode(65 + label);
const looks = 8;
const extent = 3.2;

let components = [];
let picked = 0;
let sampled = null;
let seen = null;
let fields = new Map();

// --- Settings

/** A labelled number. Its value is a number; null where it is empty. */
function exactly(label, attributes) {
  const input = h('input', { type: 'number', ...attributes });
  input.addEventListener('input', () => input.dispatchEvent(new Event('change', { bubbles: true })));
  return Object.defineProperty(field(label, input), 'value', {
    get: () => input.value === '' ? null : Number(input.value), set: next => { input.value = next; },
  });
}

const halves = (...content) => h('div', { class: 'halves' }, content);

const preset = select('Begin with', Object.keys(known.presets));
const component = select('Component', []);
const place = { x: exactly('Centre x', { min: -known.reach, max: known.reach, step: 0.05 }),
  y: exactly('Centre y', { min: -known.reach, max: known.reach, step: 0.05 }) };
const width = slider('Width σ', { min: 0.05, max: 2, least: 0.02, step: 0.01 });
const weight = slider('Weight', { min: 0.1, max: 5, least: 0.001, most: 1000, step: 0.1 });
const label = select('Label', Array.from({ length: known.mostComponents }, (_, index) => [index, letter(index)]));
const add = h('button', { type: 'button', onclick: () => create(0, 0) }, 'Add a component');
const remove = h('button', { type: 'button', onclick: () => erase() }, 'Remove it');

const wanted = select('Wanted label', []);
const strength = slider('Guidance w', { min: -1, max: 8, step: 0.1, value: 0, most: 20,
  hint: '0 is the density of the label, −1 the whole one; the guidance scale is 1 + w. Shaded is p(x|label)^(1+w)·p(x)^(−w) at the noise '
    + 'level; where w is not 0 or −1 samples end elsewhere, for these densities are not those of one process that adds noise.' });

const sampler = select('Sampler', known.samplers.map(one => [one.name, `${one.name}: ${one.description}`]), undefined, 'ddim');
const schedule = select('Noise schedule', known.schedules, undefined, 'edm');
const spacing = select('Spacing', [['', 'usual'], ...known.spacings]);
const steps = slider('Steps', { min: 1, max: 100, step: 1, value: 20, most: 250 });
const eta = slider('η, stochasticity', { min: 0, max: 1, step: 0.05, hint: '0 is deterministic' });
const order = select('Order', []);
const count = exactly('Samples', { min: 1, max: 1000, step: 1, value: 300 });
const seed = exactly('Seed', { min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, value: 0 });
const draw = h('button', { class: 'primary' }, 'Draw samples');

const form = h('form', { onsubmit: event => { event.preventDefault(); sample(true); } },
  preset,
  h('fieldset', { id: 'shape' }, h('legend', {}, 'The density'), halves(component, label), halves(place.x, place.y), width, weight,
    h('div', { class: 'row' }, add, remove)),
  h('fieldset', {}, h('legend', {}, 'Guidance'), wanted, strength),
  h('fieldset', { id: 'sampling' }, h('legend', {}, 'Samples'), sampler, halves(schedule, spacing), steps, eta, order, halves(count, seed)),
  draw);

// --- The plane

const canvas = h('canvas', { role: 'img', 'aria-label': 'The density, its arrows and the samples' });
const handles = shape('svg', { viewBox: `${-extent} ${-extent} ${2 * extent} ${2 * extent}`, role: 'group', 'aria-label': 'Components' });
const plane = h('div', { class: 'plane' }, canvas, handles);
const noise = h('input', { type: 'range', min: 0, max: known.levels.length, step: 1, value: 0 });
const level = h('output');
const arrows = select('Arrows', [['score', 'the score ∇ log p'], ['clean', 'the prediction of x₀'], ['none', 'none']]);
const follow = h('input', { type: 'checkbox', checked: true });
const trails = h('input', { type: 'checkbox', checked: true });
const scrubber = h('input', { type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Step' });
const play = h('button', { type: 'button', disabled: true, onclick: () => toggle() }, 'Play');
const moment = h('output');
const facts = h('p', { class: 'status' });
const plan = h('pre');
const noiseField = field('Noise level σ/α', noise);
noise.replaceWith(h('div', { class: 'leveled' }, noise.cloneNode(), level));
const noiseRange = find('input', noiseField);

const across = select('Error against', [['steps', 'the number of steps'], ['networkCalls', 'network calls (NFE)']]);
const exactOnes = known.samplers.filter(one => !one.isRandom);
const compared = exactOnes.map(one => h('input', { type: 'checkbox', value: one.name,
  checked: ['ddim', 'heun', 'dpm++2m', 'unipc'].includes(one.name) }));
const errorsSaid = status();
const errorChart = h('div');
const errorLegend = h('ul', { class: 'legend' });
const errorTable = h('div');

main.append(h('div', { class: 'work staged' }, form, h('div', { class: 'stage' },
  said, plane,
  h('p', { class: 'remark' }, 'Circles are the components of the data: drag a centre, or its rim for the width; with the keyboard arrow keys '
    + 'move it, + and − change its width, Delete removes it. A double click adds one. States are shown divided by √(α² + σ²).'),
  h('div', { class: 'player' }, play, scrubber, moment),
  h('div', { class: 'views' }, noiseField, arrows,
    h('label', { class: 'check' }, follow, 'The noise level follows the samples'), h('label', { class: 'check' }, trails, 'Show the ways of thirty')),
  facts,
  h('details', {}, h('summary', {}, 'The plan, step by step'), plan)),
  h('div', { class: 'after' }, h('section', {}, h('h2', {}, 'The error of a sampler'),
    h('p', { class: 'remark' }, 'Median distance between where a sampler ends and where the probability flow ends from the same noise, for this '
      + 'density, noise schedule, spacing and guidance. A method of order k falls with slope −k, until the last step to clean data limits it.'),
    across, h('fieldset', { id: 'compared' }, h('legend', {}, 'Samplers'),
      h('small', {}, 'Up to eight. Those that draw noise on their way have no exact end, and are left out.'),
      h('div', { class: 'boxes' }, exactOnes.map((one, index) => h('label', {}, compared[index], one.name)))),
    errorsSaid, errorLegend, errorChart, h('details', {}, h('summary', {}, 'As a table'), errorTable)))));

// --- What is asked

const shaped = () => ({ components, label: wanted.value === '' ? null : Number(wanted.value), guidance: strength.value ?? 0 });
const sigma = () => Number(noiseRange.value) === 0 ? 0 : known.levels[Number(noiseRange.value) - 1];
const number = text => text === '' ? null : Number(text);

const fetchField = latest(async (signal, at) => {
  const key = String(at);
  if (!fields.has(key)) {
    const answer = await ask('/world/field', { world: shaped(), sigma: at }, signal);
    if (signal.aborted) return;
    fields.set(key, answer);
  }
  seen = fields.get(key);
  level.textContent = at === 0 ? 'no noise' : `${short(at)}; log-SNR ${short(seen.level.logSnr)}`;
  noiseRange.setAttribute('aria-valuetext', level.textContent);
  paint();
});

async function refresh() {
  try {
    await fetchField(sigma());
    if (said.classList.contains('bad')) said.say('');
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

function changedWorld() {
  fields = new Map();
  showHandles();
  refresh();
  resample();
  measureSoon();
}

const resample = debounced(() => { if (sampled) sample(false); }, 200);

const draws = latest(async signal => {
  const answer = await ask('/world/samples', {
    world: shaped(), seed: seed.value ?? 0, count: count.value ?? 300,
    sampler: { name: sampler.value, schedule: schedule.value, steps: steps.value ?? 20, spacing: spacing.value || null,
      eta: eta.hidden ? null : eta.value, order: order.hidden ? null : number(order.value) },
  }, signal);
  return signal.aborted ? null : answer;
});

async function sample(begins) {
  try {
    said.say('drawing');
    const answer = await draws();
    if (!answer) return;
    sampled = answer;
    [play.disabled, scrubber.max] = [false, answer.steps];
    plan.textContent = answer.text;
    facts.textContent = `${answer.sampler}: ${answer.steps} steps, ${answer.networkCalls} calls of the exact denoiser (NFE) a sample`;
    said.say(`${answer.moments[0].states.length / 2} samples`);
    if (begins) {
      playing = false;
      scrubber.value = 0;
      toggle();
    } else {
      scrubber.value = Math.min(Number(scrubber.value), answer.steps);
      await show(Number(scrubber.value));
    }
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

// --- The player

let playing = false;

async function show(step) {
  if (!sampled) return;
  scrubber.value = step;
  const now = sampled.moments[step].level;
  const text = `step ${step} of ${sampled.steps}${step === sampled.steps ? '' : `, σ/α ${now.noiseToSignal === null ? '∞' : short(now.noiseToSignal)}`}`;
  moment.textContent = text;
  scrubber.setAttribute('aria-valuetext', text);
  if (!follow.checked) {
    paint();
    return;
  }
  const at = Math.min(now.noiseToSignal ?? 1e4, 1e4);
  noiseRange.value = at === 0 ? 0 : 1 + known.levels.reduce((best, one, index) =>
    Math.abs(Math.log(one / at)) < Math.abs(Math.log(known.levels[best] / at)) ? index : best, 0);
  try {
    await fetchField(at);
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

async function toggle() {
  playing = !playing;
  play.textContent = playing ? 'Pause' : 'Play';
  if (!playing) return;
  if (Number(scrubber.value) >= sampled.steps) scrubber.value = 0;
  await show(Number(scrubber.value));
  const pause = Math.max(40, Math.min(250, 4000 / sampled.steps));
  while (playing && Number(scrubber.value) < sampled.steps) {
    await new Promise(done => { setTimeout(done, pause); });
    if (playing) await show(Number(scrubber.value) + 1);
  }
  playing = false;
  play.textContent = 'Play';
}

// --- Drawing

const ink = name => getComputedStyle(plane).getPropertyValue(name).trim();

function shade(cells, density) {
  const rgb = ink('--accent').match(/[0-9a-f]{2}/gi).map(part => parseInt(part, 16));
  const layer = new OffscreenCanvas(cells, cells);
  const image = new ImageData(cells, cells);
  density.forEach((value, index) => image.data.set([...rgb, Math.round(215 * Math.sqrt(value))], 4 * index));
  layer.getContext('2d').putImageData(image, 0, 0);
  return layer;
}

function paint() {
  if (!seen) return;
  const side = Math.round(Math.max(plane.clientWidth, 300) * Math.min(devicePixelRatio, 2));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const pen = canvas.getContext('2d');
  const unit = side / (2 * extent);
  const at = (x, y) => [(x + extent) * unit, (extent - y) * unit];
  pen.clearRect(0, 0, side, side);
  seen.layer ??= shade(seen.cells, seen.density);
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(seen.layer, 0, 0, side, side);
  [pen.strokeStyle, pen.lineWidth] = [ink('--rule'), 1];
  for (let tick = -3; tick <= 3; tick++) {
    pen.globalAlpha = tick === 0 ? 1 : 0.5;
    pen.beginPath();
    pen.moveTo(...at(tick, -extent));
    pen.lineTo(...at(tick, extent));
    pen.moveTo(...at(-extent, tick));
    pen.lineTo(...at(extent, tick));
    pen.stroke();
  }
  pen.globalAlpha = 1;
  paintArrows(pen, at, unit);
  if (sampled) paintSamples(pen, at, unit);
}

function paintArrows(pen, at, unit) {
  if (arrows.value === 'none') return;
  const { points, score, clean } = seen;
  const ends = [];
  for (let k = 0; k < points.length; k += 2)
    ends.push(arrows.value === 'score' ? [score[k], score[k + 1]] : [clean[k] - points[k], clean[k + 1] - points[k + 1]]);
  const longest = Math.max(...ends.map(([x, y]) => Math.hypot(x, y)), 1e-300);
  [pen.strokeStyle, pen.fillStyle, pen.lineWidth] = [ink('--soft'), ink('--soft'), unit * 0.016];
  pen.globalAlpha = 0.8;
  ends.forEach(([x, y], index) => {
    const size = Math.hypot(x, y);
    // Long ones shortened, so that the short ones show.
    const length = 0.27 * Math.sqrt(size / longest);
    if (length < 0.015) return;
    const [dx, dy] = [x / size * length, y / size * length];
    const [fromX, fromY] = at(points[2 * index] - dx / 2, points[2 * index + 1] - dy / 2);
    const [toX, toY] = at(points[2 * index] + dx / 2, points[2 * index + 1] + dy / 2);
    const [ux, uy] = [(toX - fromX) / Math.hypot(toX - fromX, toY - fromY), (toY - fromY) / Math.hypot(toX - fromX, toY - fromY)];
    const head = Math.min(unit * 0.07, unit * length * 0.5);
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX - ux * head * 0.7, toY - uy * head * 0.7);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(toX, toY);
    pen.lineTo(toX - ux * head - uy * head * 0.5, toY - uy * head + ux * head * 0.5);
    pen.lineTo(toX - ux * head + uy * head * 0.5, toY - uy * head - ux * head * 0.5);
    pen.fill();
  });
  pen.globalAlpha = 1;
}

function paintSamples(pen, at, unit) {
  const step = Number(scrubber.value);
  const { states } = sampled.moments[step];
  [pen.strokeStyle, pen.fillStyle, pen.lineWidth] = [ink('--ink'), ink('--ink'), unit * 0.012];
  if (trails.checked && step > 0) {
    pen.globalAlpha = 0.45;
    for (let k = 0; k < Math.min(states.length, 60); k += 2) {
      pen.beginPath();
      for (let s = 0; s <= step; s++) pen.lineTo(...at(sampled.moments[s].states[k], sampled.moments[s].states[k + 1]));
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }
  for (let k = 0; k < states.length; k += 2) {
    pen.beginPath();
    pen.arc(...at(states[k], states[k + 1]), unit * 0.032, 0, 7);
    pen.fill();
  }
}

// --- Components

const bounded = (value, least, most) => Math.min(Math.max(Number(value.toFixed(3)), least), most);
const toPlane = event => {
  const box = handles.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width * 2 - 1) * extent, (1 - (event.clientY - box.top) / box.height * 2) * extent];
};

function set(index, change) {
  Object.assign(components[index], change);
  showPicked();
  changedWorld();
}

function create(x, y) {
  if (components.length >= known.mostComponents) {
    said.fail(`components: from 1 to ${known.mostComponents}`);
    return;
  }
  components.push({ x: bounded(x, -known.reach, known.reach), y: bounded(y, -known.reach, known.reach), sigma: 0.3, weight: 1,
    label: Math.min(components.length, known.mostComponents - 1) });
  pick(components.length - 1);
  changedWorld();
}

function erase() {
  if (components.length === 1) {
    said.fail('One component has to stay.');
    return;
  }
  components.splice(picked, 1);
  pick(Math.max(0, picked - 1));
  changedWorld();
}

function pick(index) {
  picked = index;
  showPicked();
  showHandles();
}

function showPicked() {
  component.control.replaceChildren(...components.map((one, index) => h('option', { value: index }, `${index + 1} (${letter(one.label)})`)));
  component.value = picked;
  const one = components[picked];
  [place.x.value, place.y.value, width.value, weight.value, label.value] = [one.x, one.y, one.sigma, one.weight, one.label];
  const labels = [...new Set(components.map(each => each.label))].sort((a, b) => a - b);
  const before = wanted.value;
  wanted.control.replaceChildren(h('option', { value: '' }, 'none: the whole density'),
    ...labels.map(each => h('option', { value: each }, letter(each))));
  wanted.value = labels.includes(Number(before)) && before !== '' ? before : '';
  strength.hidden = wanted.value === '';
}

function showHandles() {
  if (handles.childElementCount !== components.length) handles.replaceChildren(...components.map((_, index) => handle(index)));
  components.forEach((one, index) => {
    const group = handles.children[index];
    group.setAttribute('class', `look${one.label % looks}${index === picked ? ' picked' : ''}`);
    group.setAttribute('transform', `translate(${one.x} ${-one.y})`);
    group.setAttribute('aria-label', `Component ${index + 1}, label ${letter(one.label)}: centre ${one.x}, ${one.y}, width ${one.sigma}`);
    find('.rim', group).setAttribute('r', one.sigma);
    // Beside the centre, however narrow it is.
    find('.grip', group).setAttribute('cx', Math.max(one.sigma, 0.24));
    find('text', group).textContent = letter(one.label);
  });
}

function handle(index) {
  const group = shape('g', { tabindex: 0, role: 'button' },
    shape('circle', { class: 'rim' }), shape('circle', { class: 'reach', r: 0.22 }), shape('circle', { class: 'centre', r: 0.13 }),
    shape('text', { 'text-anchor': 'middle', y: 0.07 }), shape('circle', { class: 'grip', r: 0.09 }));
  const drags = (part, moved) => part.addEventListener('pointerdown', event => {
    event.preventDefault();
    group.focus();
    pick(index);
    part.setPointerCapture(event.pointerId);
    const onMove = next => moved(...toPlane(next));
    part.addEventListener('pointermove', onMove);
    for (const end of ['pointerup', 'pointercancel']) part.addEventListener(end, () => part.removeEventListener('pointermove', onMove), { once: true });
  });
  for (const name of ['.reach', '.centre', 'text'])
    drags(find(name, group), (x, y) => set(index, { x: bounded(x, -known.reach, known.reach), y: bounded(y, -known.reach, known.reach) }));
  drags(find('.grip', group), (x, y) => set(index, { sigma: bounded(Math.hypot(x - components[index].x, y - components[index].y), 0.05, 2) }));
  group.addEventListener('focus', () => { if (picked !== index) pick(index); });
  group.addEventListener('keydown', event => {
    const step = event.shiftKey ? 0.25 : 0.05;
    const one = components[index];
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    const wider = { '+': 0.05, '=': 0.05, '-': -0.05 }[event.key];
    if (move) set(index, { x: bounded(one.x + move[0], -known.reach, known.reach), y: bounded(one.y + move[1], -known.reach, known.reach) });
    else if (wider) set(index, { sigma: bounded(one.sigma + wider, 0.05, 2) });
    else if (event.key === 'Delete') erase();
    else return;
    event.preventDefault();
  });
  return group;
}

// --- Errors

const measure = latest(async signal => {
  const names = compared.filter(box => box.checked).map(box => box.value);
  if (!names.length) {
    errorsSaid.say('Choose a sampler.');
    return;
  }
  const answer = await ask('/world/errors', { world: shaped(), samplers: names, schedule: schedule.value, spacing: spacing.value || null,
    seed: seed.value ?? 0 }, signal);
  if (signal.aborted) return;
  errorsSaid.say('');
  showErrors(answer.curves);
});

let measured = [];

function showErrors(curves) {
  measured = curves;
  const errors = curves.flatMap(curve => curve.points.map(point => point.error)).filter(error => error !== null && error > 0);
  const calls = curves.flatMap(curve => curve.points.map(point => point[across.value]));
  const values = [4, 8, 16, 32, 64, 128, 256, 512].filter(value => value >= Math.min(...calls) && value <= Math.max(...calls));
  errorChart.replaceChildren(h('figure', { class: 'wide' }, chart({
    title: 'Error by the number of steps, both logarithmic', dots: true, width: 640, height: 340,
    x: { label: across.value === 'steps' ? 'steps' : 'network calls (NFE)', low: Math.min(...calls) * 0.9, high: Math.max(...calls) * 1.1, log: true, values },
    y: { label: 'median error', low: 10 ** Math.floor(Math.log10(Math.min(...errors))), high: 10 ** Math.ceil(Math.log10(Math.max(...errors))), log: true },
    series: curves.map((curve, index) => ({ look: index % looks, points: curve.points.map(point => [point[across.value], point.error]) })),
  })));
  errorLegend.replaceChildren(...curves.map((curve, index) => h('li', {}, sign(index % looks), `${curve.sampler}, order ${curve.order}`)));
  errorTable.replaceChildren(h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Errors' }, h('table', {},
    h('thead', {}, h('tr', {}, ['sampler', ...curves[0].points.map(point => `${point.steps} steps`)].map(name => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, curves.map(curve => h('tr', {}, h('th', { scope: 'row' }, curve.sampler),
      curve.points.map(point => h('td', { class: 'number' }, point.error === null ? 'diverges' : short(point.error)))))))));
}

const measureSoon = debounced(async () => {
  try {
    await measure();
  } catch (trouble) {
    errorsSaid.fail(trouble.message);
  }
}, 500);

// --- What follows what

function adaptSampler() {
  const one = known.samplers.find(each => each.name === sampler.value);
  eta.hidden = !one.hasEta;
  eta.value = null;
  order.hidden = !one.orders.length;
  order.control.replaceChildren(h('option', { value: '' }, "the method's own"), ...one.orders.map(each => h('option', {}, each)));
}

preset.addEventListener('change', event => {
  event.stopPropagation();
  components = known.presets[preset.value].map(one => ({ ...one }));
  handles.replaceChildren();
  pick(0);
  changedWorld();
});
find('#shape', form).addEventListener('change', event => {
  event.stopPropagation();
  if (component.contains(event.target)) {
    pick(Number(component.value));
    return;
  }
  const values = { x: place.x.value, y: place.y.value, sigma: width.value, weight: weight.value, label: Number(label.value) };
  if (Object.values(values).every(value => value !== null)) {
    Object.assign(components[picked], values);
    if (label.contains(event.target)) showPicked();
    changedWorld();
  }
});
for (const one of [wanted, strength]) one.addEventListener('change', event => {
  event.stopPropagation();
  strength.hidden = wanted.value === '';
  changedWorld();
});
sampler.addEventListener('change', adaptSampler);
find('#sampling', form).addEventListener('change', () => { resample(); measureSoon(); });
noiseRange.addEventListener('input', () => { follow.checked = false; refresh(); });
for (const one of [arrows, trails]) one.addEventListener('change', paint);
follow.addEventListener('change', () => { if (sampled) show(Number(scrubber.value)); });
scrubber.addEventListener('input', () => { playing = false; show(Number(scrubber.value)); });
across.addEventListener('change', () => showErrors(measured));
find('#compared').addEventListener('change', measureSoon);
handles.addEventListener('dblclick', event => create(...toPlane(event)));
new ResizeObserver(paint).observe(plane);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const one of fields.values()) delete one.layer;
  paint();
});

// A link may say where to begin.
const asked = new URLSearchParams(location.search);
const begin = known.presets[asked.get('density')] ? asked.get('density') : preset.value;
[preset.value, components] = [begin, known.presets[begin].map(one => ({ ...one }))];
for (const [name, control] of [['sampler', sampler], ['schedule', schedule], ['steps', steps], ['w', strength]])
  if (asked.has(name)) control.value = asked.get(name);
adaptSampler();
pick(0);
if (asked.has('label')) wanted.value = asked.get('label');
strength.hidden = wanted.value === '';
await refresh();
measureSoon();
await sample(false);
if (sampled) await show(Math.min(asked.has('step') ? Number(asked.get('step')) : sampled.steps, sampled.steps));
main.dataset.ready = '';
