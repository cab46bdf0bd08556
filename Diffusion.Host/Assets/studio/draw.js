// The page Draw: a canvas of the model's own pixels, and what the model makes of what is drawn on it.
import { ask, code, debounced, events, field, find, h, latest, select, short, slider, status } from './common.js';
import { player } from './player.js';

const main = find('#content');
const said = status();
const { models } = await ask('/models');
const shaped = models.filter(one => one.shape);
const model = select('Model', shaped.map(one => [one.name, `${one.name} (${one.origin})`]));
const chosen = () => shaped.find(one => one.name === model.value);

// The drawing: bytes of [H, W, C], and of [H, W] what is masked.
let [channels, height, width] = [1, 28, 28];
let pixels = new Uint8Array();
let mask = new Uint8Array();
let cursor = [0, 0];
const canvas = h('canvas', { class: 'pad', tabindex: 0, role: 'application',
  'aria-label': 'Drawing. Arrow keys move the cursor, space draws, backspace erases, M masks.' });
const pen = canvas.getContext('2d');

const tool = select('Tool', [['draw', 'Pen'], ['erase', 'Eraser'], ['mask', 'Mask: to be filled in'], ['keep', 'Unmask']]);
const brush = slider('Size of the tool', { min: 1, max: 6, step: 0.5, value: 1.5 });
const colour = h('input', { type: 'color', value: '#ffffff' });
const colours = field('Colour', colour);
const label = select('Label', []);
const count = slider('Versions', { min: 1, max: 16, step: 1, value: 4, most: 64 });
const seed = h('input', { type: 'number', min: 0, step: 1, value: 0 });
const strength = slider('Strength of redrawing', { min: 0.05, max: 1, step: 0.05, value: 0.5, hint: 'the share of the noise that is added and removed' });
const time = slider('Noise before it is recognised', { min: 0, max: 1, step: 0.05, value: 0, hint: '0 none, 1 all of the schedule' });
const [first, second] = [h('input', { type: 'number', min: 0, step: 1, value: 0 }), h('input', { type: 'number', min: 0, step: 1, value: 1 })];
const points = slider('Images on the way', { min: 2, max: 16, step: 1, value: 9 });
const button = (text, work, name) => h('button', { type: 'button', 'data-do': name, onclick: work }, text);

const shown = player();
const verdict = h('div', { 'aria-live': 'polite' });
const line = code('On the command line');
line.hidden = true;

main.append(h('div', { class: 'work draw' },
  h('div', {}, canvas,
    h('div', { class: 'row' }, button('Clear', clear, 'clear'), button('Clear mask', () => { mask.fill(0); paint(); })),
    h('form', { onsubmit: event => event.preventDefault() }, model, tool, brush, colours, label, count, field('Seed', seed))),
  h('div', {},
    h('div', { class: 'tasks' },
      h('fieldset', {}, h('legend', {}, 'Redraw (SDEdit)'), strength, h('div', {}, button('Redraw', redraw, 'redraw'))),
      h('fieldset', {}, h('legend', {}, 'Fill in (RePaint)'), h('small', {}, 'Mask a part with the tool, and it is made anew.'),
        h('div', {}, button('Fill in', fill, 'fill'))),
      h('fieldset', {}, h('legend', {}, 'Recognise and measure'), time, h('div', { class: 'row' }, button('Recognise', classify, 'classify'),
        button('Likelihood', likelihood, 'likelihood'))),
      h('fieldset', {}, h('legend', {}, 'Between two samples'), h('div', { class: 'two' }, field('From sample', first), field('to', second)), points,
        h('div', {}, button('Interpolate', between, 'between')))),
    said, verdict, shown.element, line)));

function adapt() {
  const one = chosen();
  [channels, height, width] = one.shape;
  label.control.replaceChildren(...[['', one.classes.length ? 'all labels in turn' : 'nothing'], ...one.classes.map(name => [name, name])]
    .map(([value, text]) => h('option', { value }, text)));
  label.hidden = one.classes.length === 0;
  colours.hidden = channels === 1;
  [pixels, mask] = [new Uint8Array(height * width * channels), new Uint8Array(height * width)];
  cursor = [width >> 1, height >> 1];
  [canvas.width, canvas.height] = [width, height];
  paint();
}

function paint() {
  const image = pen.createImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    const rgb = [0, 1, 2].map(channel => pixels[at * channels + (channels === 1 ? 0 : channel)]);
    const hidden = mask[at] ? 0.55 : 0;
    image.data.set([rgb[0] * (1 - hidden) + 230 * hidden, rgb[1] * (1 - hidden) + 90 * hidden, rgb[2] * (1 - hidden) + 20 * hidden, 255], at * 4);
  }
  pen.putImageData(image, 0, 0);
  if (document.activeElement === canvas && canvas.matches(':focus-visible')) {
    pen.fillStyle = '#4aa8e0';
    pen.fillRect(...cursor, 1, 1);
  }
}

function clear() {
  pixels.fill(0);
  mask.fill(0);
  paint();
}

/** A dab of the tool around a point, with a soft edge for the pen. */
function dab(x, y, what = tool.value) {
  const radius = brush.value ?? 1.5;
  const ink = channels === 1 ? [255] : [1, 3, 5].map(at => parseInt(colour.value.slice(at, at + 2), 16));
  for (let row = Math.max(0, Math.floor(y - radius - 1)); row <= Math.min(height - 1, Math.ceil(y + radius + 1)); row++)
    for (let column = Math.max(0, Math.floor(x - radius - 1)); column <= Math.min(width - 1, Math.ceil(x + radius + 1)); column++) {
      const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y)));
      const at = row * width + column;
      if (what === 'mask' || what === 'keep') {
        if (cover > 0) mask[at] = what === 'mask' ? 255 : 0;
      } else
        for (let channel = 0; channel < channels; channel++) {
          const before = pixels[at * channels + channel];
          const goal = what === 'erase' ? 0 : ink[channel];
          const after = before + (goal - before) * cover;
          pixels[at * channels + channel] = channels === 1 && what === 'draw' ? Math.max(before, after) : after;
        }
    }
}

let last = null;
const pointOf = event => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * width, (event.clientY - box.top) / box.height * height];
};

function stroke(event) {
  const next = pointOf(event);
  const from = last ?? next;
  const parts = Math.max(1, Math.ceil(Math.hypot(next[0] - from[0], next[1] - from[1]) * 2));
  for (let part = 1; part <= parts; part++)
    dab(from[0] + (next[0] - from[0]) * part / parts, from[1] + (next[1] - from[1]) * part / parts);
  last = next;
  paint();
}

canvas.addEventListener('pointerdown', event => { canvas.setPointerCapture(event.pointerId); last = null; stroke(event); event.preventDefault(); });
canvas.addEventListener('pointermove', event => { if (last) stroke(event); });
for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { last = null; });
for (const change of ['focus', 'blur']) canvas.addEventListener(change, paint);
canvas.addEventListener('keydown', event => {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const what = { ' ': tool.value, Backspace: 'erase', Delete: 'erase', m: 'mask', M: 'mask' }[event.key];
  if (!way && !what) return;
  event.preventDefault();
  if (way) cursor = [Math.min(width - 1, Math.max(0, cursor[0] + way[0])), Math.min(height - 1, Math.max(0, cursor[1] + way[1]))];
  // Shift draws on the way.
  if (what || event.shiftKey) dab(cursor[0] + 0.5, cursor[1] + 0.5, what ?? tool.value);
  paint();
});

const base64 = bytes => btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
const drawing = () => ({ pixels: base64(pixels) });
const samples = many => ({
  model: model.value, count: many ?? count.value, ...seed.value === '' ? {} : { seed: Number(seed.value) }, ...label.value ? { label: label.value } : {},
});

const run = latest(async (signal, path, body) => {
  said.say('asking');
  const began = performance.now();
  let total = 0;
  for await (const [name, answer] of events(path, body, signal)) {
    if (signal.aborted) return;
    if (name === 'waiting' && answer.ahead > 0) said.say(`waiting for ${answer.ahead} before this one`);
    if (name === 'plan') {
      total = answer.steps;
      shown.begin(answer.count, total);
      line.text = answer.commandLine;
      line.hidden = !answer.commandLine;
    }
    if (name === 'step') {
      await shown.add(answer);
      said.say(`step ${answer.index} of ${total}`);
    }
    if (name === 'done') {
      main.dataset.done = String(Number(main.dataset.done ?? 0) + 1);
      said.say(`done in ${((performance.now() - began) / 1000).toFixed(1)} s, ${total} steps`);
    }
  }
});

async function attempt(work) {
  try {
    await work();
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

function redraw() {
  return attempt(() => run('/drawings/redraw', { samples: samples(), drawing: drawing(), strength: strength.value }));
}

function fill() {
  return attempt(() => run('/drawings/fill', { samples: samples(), drawing: drawing(), mask: { pixels: base64(mask) } }));
}

function between() {
  return attempt(() => run('/drawings/between', { samples: samples(1), first: Number(first.value), second: Number(second.value), points: points.value }));
}

function classify() {
  return attempt(async () => {
    said.say('asking');
    const judgements = await ask('/drawings/class', { model: model.value, drawing: drawing(), time: time.value ?? 0 });
    verdict.replaceChildren(...judgements.map(one => h('figure', { class: 'verdict' }, h('figcaption', {}, one.by),
      h('ul', {}, one.probabilities.map((share, index) => h('li', {}, h('span', {}, one.classes[index]),
        h('meter', { min: 0, max: 1, value: share }), h('span', {}, `${(100 * share).toFixed(0)} %`)))))));
    said.say(judgements.length ? '' : 'No classifier here knows images of this kind.');
  });
}

function likelihood() {
  return attempt(async () => {
    said.say('measuring');
    const answer = await ask('/drawings/likelihood', { model: model.value, drawing: drawing(), ...label.value ? { label: label.value } : {} });
    verdict.replaceChildren(h('p', {}, h('b', {}, `${short(answer.total)} bits per dimension`), ` at most: decoder ${short(answer.decoder)}, chain ${
      short(answer.chain)}, prior ${short(answer.prior)}; ${answer.evaluated} of ${answer.steps} terms were computed and stand for all`));
    said.say('');
  });
}

model.addEventListener('change', adapt);
// Sliders redraw from the same noise once something was redrawn.
strength.addEventListener('change', debounced(() => { if (shown.steps && pixels.some(byte => byte)) redraw(); }));
time.addEventListener('change', debounced(() => { if (find('.verdict', verdict)) classify(); }));
adapt();
main.dataset.ready = '';
