// The page Forward: a real image on its way to noise, several noise schedules side by side.
import { ask, debounced, field, find, h, latest, bitmapOf, select, slider, status } from './common.js';
import { chart, sign } from './curves.js';

const usual = ['linear', 'cosine', 'flow', 'edm'];
const looks = 8;

const main = find('#content');
const said = status();
const [{ sets, schedules, levels }, curves] = await Promise.all([ask('/forward'), ask('/forward/curves')]);

const set = select('Images', sets.map(one => [one.name, one.title]));
const image = slider('Number of the image', { min: 0, max: sets[0].count - 1, step: 1, value: 4 });
const seed = h('input', { type: 'number', min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, value: 0 });
const by = select('Schedules are compared', [['time', 'at the same t, as a share of T'], ['logSnr', 'at the same log-SNR']],
  'at the same log-SNR they all show the same image: schedules differ in how fast they go through it');
const boxes = schedules.map(name => h('input', { type: 'checkbox', value: name, checked: usual.includes(name) }));
const column = slider('Column', { min: 0, max: 27, step: 1, value: 14 });
const row = slider('Row', { min: 0, max: 27, step: 1, value: 9 });
const channel = select('Channel', [['0', 'red'], ['1', 'green'], ['2', 'blue']]);
const form = h('form', { onsubmit: event => event.preventDefault() }, set, image, field('Seed of the noise', seed), by,
  h('fieldset', {}, h('legend', {}, 'Noise schedules'), h('div', { class: 'boxes' }, schedules.map((name, index) =>
    h('label', {}, boxes[index], name)))),
  h('fieldset', {}, h('legend', {}, 'Pixel'), h('small', {}, 'Also by a click on an image, or by arrow keys there.'), column, row, channel));

const at = h('input', { type: 'range', min: 0, max: levels - 1, step: 1, value: Math.round(levels * 0.3), 'aria-label': 'Level t' });
const moment = h('output');
const play = h('button', { type: 'button', onclick: () => toggle() }, 'Play');
const states = h('div', { class: 'states' });
const charts = h('div', { class: 'curves three' });
const legend = h('ul', { class: 'legend' });
const numbers = h('div');
const shown = select('Schedule', usual);
main.append(h('div', { class: 'work staged' }, form, h('div', { class: 'stage' },
  h('div', { class: 'player' }, play, at, moment), said, states,
  h('p', { class: 'remark' }, 'xₜ = αₜ·x₀ + σₜ·ε, of the same image and the same noise everywhere; shown divided by √(α² + σ²). The noise is that of '
    + 'the command forward with the same seed.')),
  h('div', { class: 'after' }, h('section', {}, h('h2', {}, 'The schedules as curves'),
    h('p', { class: 'remark' }, 'Over the level, from the least noisy (0) to the noisiest (1): t/T of discrete schedules, time of continuous '
      + 'ones; of EDM, whose t is σ itself, the levels that Karras et al. 2022, Eq. 5, visit.'), legend, charts),
  h('section', {}, h('h2', {}, 'The numbers of one pixel'),
    h('p', { class: 'remark' }, 'Every number follows from those above it. The state before xₜ is called xₛ: xₜ₋₁ of a discrete schedule, of a '
      + 'continuous one the state at the level before. In the letters of Ho et al. 2020 αₜ|ₛ is √αₜ and σₜ² is 1 − ᾱₜ; their t counts from 1, '
      + 'here from 0. A value has all its digits; the numbers beside it are rounded to seven.'),
    shown, numbers))));

const chosen = () => boxes.filter(box => box.checked).map(box => box.value);
const currentSet = () => sets.find(one => one.name === set.value);
const lookOf = name => chosen().indexOf(name) % looks;
// Lines may end after a sign.
const breakable = text => text.split(/(?<=[·/])/).flatMap((part, index) => index ? [h('wbr'), part] : [part]);
const exact = number => number === null ? '' : String(Number(number.toPrecision(7))).replace('-', '−');
const brief = (number, digits = 3) => number === null ? '∞' : String(Number(number.toPrecision(digits))).replace('-', '−');

const question = () => ({
  set: set.value, image: image.value ?? 0, seed: Number(seed.value) || 0, at: Number(at.value), by: by.value, schedules: chosen(),
  x: column.value ?? 0, y: row.value ?? 0, channel: currentSet().shape[0] > 1 ? Number(channel.value) : 0,
});

function adapt() {
  const [channels, height, width] = currentSet().shape;
  image.most = currentSet().count - 1;
  [column.most, row.most] = [width - 1, height - 1];
  image.value = Math.min(image.value ?? 0, currentSet().count - 1);
  [column.value, row.value] = [Math.min(column.value ?? 0, width - 1), Math.min(row.value ?? 0, height - 1)];
  channel.hidden = channels === 1;
}

/** A canvas with one image and the chosen pixel framed; a click or an arrow key chooses another. */
function view(name, caption) {
  const canvas = h('canvas', { class: 'samples', role: 'img', tabindex: 0, 'aria-label': name });
  canvas.addEventListener('click', event => {
    const [, height, width] = currentSet().shape;
    const box = canvas.getBoundingClientRect();
    move(Math.floor((event.clientX - box.left) / box.width * width), Math.floor((event.clientY - box.top) / box.height * height));
  });
  canvas.addEventListener('keydown', event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    move(column.value + step[0], row.value + step[1]);
  });
  return { canvas, figure: h('figure', {}, canvas, caption) };
}

function move(x, y) {
  const [, height, width] = currentSet().shape;
  column.value = Math.min(Math.max(x, 0), width - 1);
  row.value = Math.min(Math.max(y, 0), height - 1);
  redraw();
}

async function paint(canvas, frame) {
  const zoom = 8;
  const bitmap = await bitmapOf(frame.png);
  [canvas.width, canvas.height] = [bitmap.width * zoom, bitmap.height * zoom];
  const pen = canvas.getContext('2d');
  pen.imageSmoothingEnabled = false;
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  for (const [style, wide] of [['#000', 4], ['#ffd400', 2]]) {
    [pen.strokeStyle, pen.lineWidth] = [style, wide];
    pen.strokeRect((column.value ?? 0) * zoom - 1, (row.value ?? 0) * zoom - 1, zoom + 2, zoom + 2);
  }
}

// What is there stays, so that the focus does.
let views = new Map();

async function showStates(answer) {
  const wanted = [['x₀', null, answer.clean], ['ε', null, answer.noise], ...answer.schedules.map(one => [one.name, one, one.state])];
  if (wanted.length !== views.size || wanted.some(([name]) => !views.has(name))) {
    views = new Map(wanted.map(([name]) => {
      const caption = h('figcaption');
      return [name, { ...view(name, caption), caption }];
    }));
    states.replaceChildren(...[...views.values()].map(one => one.figure));
  }
  await Promise.all(wanted.map(async ([name, one, frame]) => {
    const { canvas, caption } = views.get(name);
    await paint(canvas, frame);
    if (!one) {
      caption.replaceChildren(h('b', {}, name), name === 'ε' ? ' the noise, the same for all' : ` the image: ${answer.label}`);
      return;
    }
    canvas.setAttribute('aria-label', `The state of ${name} at t = ${brief(one.level.time, 4)}`);
    caption.replaceChildren(sign(lookOf(name)), ' ', h('b', {}, name), h('br'), `t = ${brief(one.level.time, 4)}`, h('br'),
      `ᾱ = ${brief(one.level.alphaBar)}`, h('br'), `σ = ${brief(one.level.sigma)}`, h('br'),
      `λ = ${one.level.logSnr === null ? '−∞' : brief(one.level.logSnr)}`);
  }));
}

function showCurves(answer) {
  const last = levels - 1;
  const lines = answer.schedules.map(one => ({ ...one, points: curves.find(curve => curve.name === one.name).points }));
  const drawn = [
    ['ᾱ, the share of signal', { label: 'ᾱ = α²/(α² + σ²)', low: 0, high: 1 }, level => level.alphaBar],
    ['σ, the noise', { label: 'σ', low: 1e-3, high: 100, log: true }, level => level.sigma],
    ['λ, the log-SNR', { label: 'λ = log(α²/σ²)', low: -14, high: 14, values: [-12, -8, -4, 0, 4, 8, 12] }, level => level.logSnr],
  ].map(([title, y, of]) => h('figure', {}, h('figcaption', {}, title), chart({
    title: `${title}: ${lines.map(one => `${one.name} ${brief(of(one.level))}`).join(', ')}`, y,
    x: { label: 'level', low: 0, high: 1, values: [0, 0.25, 0.5, 0.75, 1] },
    series: lines.map(one => ({ name: one.name, look: lookOf(one.name), points: one.points.map(point => [point.index / last, of(point.level)]),
      mark: [one.index / last, of(one.level)] })),
  })));
  charts.replaceChildren(...drawn);
  legend.replaceChildren(...lines.map(one => h('li', {}, sign(lookOf(one.name)), one.name)));
}

function showNumbers(answer) {
  const names = answer.schedules.map(one => one.name);
  const before = shown.value;
  shown.control.replaceChildren(...names.map(name => h('option', {}, name)));
  shown.value = names.includes(before) ? before : names[0];
  const one = answer.schedules.find(schedule => schedule.name === shown.value);
  const parts = [...new Set(one.numbers.map(number => number.part))];
  const caption = `${one.name} at t = ${exact(one.level.time)}, pixel in column ${column.value}, row ${row.value}`;
  numbers.replaceChildren(h('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption }, h('table', { class: 'worked' },
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ['number', 'value', 'formula', 'in numbers'].map((name, index) =>
      h('th', { scope: 'col', class: index === 1 ? 'number' : null }, name)))),
    parts.map(part => h('tbody', {}, h('tr', {}, h('th', { colspan: 4, scope: 'rowgroup', class: 'part' }, part)),
      one.numbers.filter(number => number.part === part).map(number => h('tr', {}, h('th', { scope: 'row' }, number.symbol),
        h('td', { class: 'number' }, exact(number.value)), h('td', {}, number.formula),
        h('td', {}, number.worked && breakable(`= ${number.worked}`)))))))));
}

let latestAnswer = null;

const update = latest(async signal => {
  const answer = await ask('/forward/state', question(), signal);
  if (signal.aborted) return;
  latestAnswer = answer;
  moment.textContent = `level ${at.value} of ${levels - 1}`;
  at.setAttribute('aria-valuetext', `${at.value}: ${answer.schedules.map(one => `${one.name} alpha-bar ${brief(one.level.alphaBar)}`).join(', ')}`);
  await showStates(answer);
  if (signal.aborted) return;
  showCurves(answer);
  showNumbers(answer);
  said.say('');
});

async function redraw() {
  if (!chosen().length) {
    said.fail('Choose a noise schedule.');
    return;
  }
  try {
    await update();
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

let playing = false;

async function toggle() {
  playing = !playing;
  play.textContent = playing ? 'Pause' : 'Play';
  if (playing && Number(at.value) >= levels - 1) at.value = 0;
  while (playing) {
    at.value = Math.min(Number(at.value) + 10, levels - 1);
    await redraw();
    if (Number(at.value) >= levels - 1 && playing) toggle();
    await new Promise(done => { setTimeout(done, 60); });
  }
}

at.addEventListener('input', redraw);
set.addEventListener('change', () => { adapt(); });
shown.addEventListener('change', event => { event.stopPropagation(); if (latestAnswer) showNumbers(latestAnswer); });
form.addEventListener('change', debounced(redraw, 60));
seed.addEventListener('input', debounced(redraw, 200));
const asked = new URLSearchParams(location.search);
if (sets.some(one => one.name === asked.get('set'))) set.value = asked.get('set');
if (['time', 'logSnr'].includes(asked.get('by'))) by.value = asked.get('by');
if (asked.has('at')) at.value = asked.get('at');
adapt();
if (asked.has('image')) image.value = asked.get('image');
await redraw();
main.dataset.ready = '';
